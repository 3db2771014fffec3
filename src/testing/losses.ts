/** The training losses of a link's lanes, step by step, on the CPU. */
import { messageText } from '../i18n/said';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWasmBackend } from '../backends/wasm';
import { runExperiment, type JsonNumber } from '../cli/report';
import { parse } from '../experiment/codec';

export async function lossesOf(link: string, steps: number): Promise<readonly JsonNumber[][]> {
  const { experiment, notices } = parse(link);
  if (notices.length > 0) throw new Error(`${link}: ${messageText(notices[0].message)}`);
  const read = (path: string): Promise<Uint8Array> => readFile(join('public', path));
  const { lanes } = await runExperiment(experiment, steps, await createWasmBackend(), read);
  return lanes.map(({ loss }) => loss);
}

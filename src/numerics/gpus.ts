/**
 * The GPUs that people name, which of the models in `tensor-core.ts` computes like each, and what that rests on.
 *
 * Sources: [1] M. Fasi, N. J. Higham, M. Mikaitis, S. Pranesh, PeerJ CS 7 (2021) e330, and its test programs in
 * north-numerical-computing/tensor-cores-numerical-behavior: V100, T4, A100. [2] F. A. Khattak, M. Mikaitis, arXiv 2512.07004, and
 * north-numerical-computing/MATLAB-tensor-core: V100, A100, A30, A2, A40, RTX 1000 Ada, L40S, H100, H200, GH200, B200, RTX PRO
 * 6000, MI100, MI210, MI250, MI300. [3] P. Xie, Y. Wang, F. Yang, M. Yang, "MMA-Sim", arXiv 2511.10909, and microsoft/MMA-Sim: one model for each
 * of NVIDIA's generations from Volta to Blackwell, and for AMD's CDNA 1 to 3. That a GTX 16 has no tensor cores: NVIDIA's TU116,
 * AnandTech's review of the GTX 1660 Ti (2019).
 */
import { shown } from './shown';
import type { TensorCoreModel } from './tensor-core';
import { message, MessageError } from './message';

declare module './message' {
  interface Messages {
    'gpu-unknown': { name: string; known: readonly string[] };
    'gpu-no-tensor-cores': { name: string };
    'gpu-not-modelled': { name: string };
  }
}

/**
 * - `record`: dot products of this GPU are in testdata/tensor-core, and the model reproduces every one.
 * - `published`: the authors of the model measured this GPU; there is no record of it here.
 * - `generation`: not among the GPUs measured for the model, which is that of its generation.
 * - `elsewhere`: measured and published, but no model of it is here.
 * - `no-tensor-cores`: there is nothing to model.
 */
export type Evidence = 'record' | 'published' | 'generation' | 'elsewhere' | 'no-tensor-cores';

export interface Gpu {
  /** Name of the board or the series, as people write it. */
  readonly name: string;
  readonly generation: string;
  /** Null where no model computes like it. */
  readonly model: TensorCoreModel | null;
  readonly evidence: Evidence;
  /** Other names, and the boards of a series. */
  readonly also?: readonly string[];
}

export const GPUS: readonly Gpu[] = [
  { name: 'V100', generation: 'Volta', model: 'v100', evidence: 'record' },
  { name: 'T4', generation: 'Turing', model: 't4', evidence: 'published' },
  {
    name: 'RTX 20',
    generation: 'Turing',
    model: 't4',
    evidence: 'generation',
    also: ['RTX 2060', 'RTX 2070', 'RTX 2080', 'RTX 2080 Ti', 'Titan RTX'],
  },
  {
    name: 'GTX 16',
    generation: 'Turing',
    model: null,
    evidence: 'no-tensor-cores',
    also: ['GTX 1650', 'GTX 1660', 'GTX 1660 Ti'],
  },
  { name: 'A100', generation: 'Ampere', model: 'a100', evidence: 'record' },
  { name: 'A30', generation: 'Ampere', model: 'a100', evidence: 'published' },
  { name: 'A2', generation: 'Ampere', model: 'a100', evidence: 'published' },
  { name: 'A40', generation: 'Ampere', model: 'a100', evidence: 'published' },
  { name: 'A10', generation: 'Ampere', model: 'a100', evidence: 'generation', also: ['A10G'] },
  { name: 'RTX A6000', generation: 'Ampere', model: 'a100', evidence: 'generation' },
  {
    name: 'RTX 30',
    generation: 'Ampere',
    model: 'a100',
    evidence: 'generation',
    also: ['RTX 3060', 'RTX 3070', 'RTX 3080', 'RTX 3090', 'RTX 3090 Ti'],
  },
  { name: 'RTX 1000 Ada', generation: 'Ada', model: 'ada', evidence: 'published', also: ['Ada', 'RTX 1000'] },
  { name: 'L40S', generation: 'Ada', model: 'ada', evidence: 'published' },
  { name: 'L4', generation: 'Ada', model: 'ada', evidence: 'generation' },
  {
    name: 'RTX 40',
    generation: 'Ada',
    model: 'ada',
    evidence: 'generation',
    also: ['RTX 4060', 'RTX 4070', 'RTX 4080', 'RTX 4090'],
  },
  { name: 'H100', generation: 'Hopper', model: 'h100', evidence: 'record' },
  { name: 'H200', generation: 'Hopper', model: 'h100', evidence: 'published' },
  { name: 'GH200', generation: 'Hopper', model: 'h100', evidence: 'published' },
  { name: 'B200', generation: 'Blackwell', model: 'b200', evidence: 'published' },
  { name: 'RTX PRO 6000', generation: 'Blackwell', model: 'b200', evidence: 'published' },
  {
    name: 'RTX 50',
    generation: 'Blackwell',
    model: 'b200',
    evidence: 'generation',
    also: ['RTX 5070', 'RTX 5080', 'RTX 5090'],
  },
  { name: 'MI100', generation: 'CDNA 1', model: null, evidence: 'elsewhere' },
  { name: 'MI250', generation: 'CDNA 2', model: null, evidence: 'elsewhere', also: ['MI210', 'MI250X'] },
  { name: 'MI300X', generation: 'CDNA 3', model: null, evidence: 'elsewhere', also: ['MI300', 'MI300A'] },
];

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '');

const BY_NAME: ReadonlyMap<string, Gpu> = new Map(
  GPUS.flatMap((gpu) => [gpu.name, ...(gpu.also ?? [])].map((name) => [plain(name), gpu])),
);

/**
 * The model that computes like a GPU, in upper or lower case, with or without hyphens, spaces and underscores.
 *
 * @throws {MessageError}
 */
export function parseTensorCore(name: string): TensorCoreModel {
  const gpu = BY_NAME.get(plain(name));
  if (gpu === undefined) {
    const known = GPUS.filter(({ model }) => model !== null).map((each) => plain(each.name));
    throw new MessageError(message('gpu-unknown', { name: shown(name), known }));
  }
  if (gpu.model === null) {
    const code = gpu.evidence === 'no-tensor-cores' ? 'gpu-no-tensor-cores' : 'gpu-not-modelled';
    throw new MessageError(message(code, { name: gpu.name }));
  }
  return gpu.model;
}

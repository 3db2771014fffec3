/** The page's end of the examination: a worker that lives as long as it takes. */
import { wrap } from 'comlink';
import type { ExaminationResult } from './examination';
import type { ExaminationWorker } from './examination.worker';
import { message, MessageError } from '../numerics/message';

declare module '../numerics/message' {
  interface Messages {
    'examination-script': Record<never, never>;
  }
}

/** @throws {MessageError} when the worker's script cannot be loaded, or the device fails while it is examined */
export async function examineThisDevice(): Promise<ExaminationResult> {
  const worker = new Worker(new URL('./examination.worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise<ExaminationResult>((resolve, reject) => {
      worker.addEventListener('error', ({ message: cause }) =>
        reject(
          new MessageError(cause ? message('words', { text: cause }) : message('examination-script', {})),
        ),
      );
      wrap<ExaminationWorker>(worker).examine().then(resolve, reject);
    });
  } finally {
    worker.terminate();
  }
}

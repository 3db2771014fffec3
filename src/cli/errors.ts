/** A mistake of the caller's: a bad argument or file. The program ends with status 2 and this one line. */
export class UsageError extends Error {}

/** Runs `action`; what it throws is the caller's mistake, told as "<what>: <why>" on one line. */
export async function orUsageError<T>(what: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${what}: ${why.replace(/\s*\n\s*/g, ' ')}`);
  }
}

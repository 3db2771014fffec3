/** Asks a device what it thinks of something that is made on it. */

/**
 * What `make` gives, and the first error of that kind. The scope spans nothing else: not an await, in which other work on
 * the device would end up in it, and not what comes after a `make` that throws, whose errors nobody would hear of.
 */
export async function inErrorScope<Made>(
  device: GPUDevice,
  kind: GPUErrorFilter,
  make: () => Made,
): Promise<{ made: Made; error: GPUError | null }> {
  device.pushErrorScope(kind);
  let made: Made;
  let error: Promise<GPUError | null>;
  try {
    made = make();
  } finally {
    error = device.popErrorScope();
  }
  return { made, error: await error };
}

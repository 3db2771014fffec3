/** Which windows of convolutions need not be written out. */
import { tensorAt } from '../../../graph/kernel';
import type { Plan } from '../../../graph/plan';
import type { Tensor } from '../../../graph/tensor';
import {
  conv2dForward,
  conv2dParameterGradient,
  geometryOf,
  unfoldMoving,
} from '../../../ops/conv2d-kernels';
import { reluForward } from '../../../ops/relu';

/**
 * Windows all of whose readers can look into the images instead (shaders/fused/direct_conv2d.wgsl), and the images: the
 * convolution, if a relu follows it, and the gradient of its parameters. Windows have to be 3×3 and to
 * move by one over images whose rows are whole vec4s on both sides.
 */
export function sparedWindows({ calls }: Plan): Map<Tensor, Tensor> {
  const spared = new Map<Tensor, Tensor>();
  calls.forEach((call, i) => {
    const { inWidth, kernel } = geometryOf(call);
    if (call.kernel !== unfoldMoving || inWidth % 4 !== 0 || kernel !== 3) return;
    if (calls[i + 1]?.kernel !== conv2dForward || calls[i + 2]?.kernel !== reluForward) return;
    if (calls[i + 1].inputs[0] !== call.outputs[0] || calls[i + 2].inputs[0] !== calls[i + 1].outputs[0])
      return;
    const windows = tensorAt(call.outputs, 0);
    const readers = calls.filter(({ inputs }) => inputs.includes(windows));
    const direct = readers.every(
      (reader) => reader === calls[i + 1] || reader.kernel === conv2dParameterGradient,
    );
    if (direct) spared.set(windows, tensorAt(call.inputs, 0));
  });
  return spared;
}

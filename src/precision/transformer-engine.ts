/**
 * NVIDIA Transformer Engine, `fp8_autocast` with the HYBRID format, E4M3 forward and E5M2 backward, in a bf16 model
 * (transformer_engine/pytorch/module/linear.py). Only te.Linear and the modules around it run in FP8: input, weight and the
 * gradient of the output are cast for the products, which write bf16; the bias, and its gradient, stay bf16. There is no
 * FP8 convolution, so those run in bf16, as does what is between the layers. The loss is FP32.
 *
 * Its casts multiply each tensor by a scale of its own from a history of largest magnitudes; here they have scale 1.
 */
import { FP32_STORES } from './stores';
import { names, type AutocastTable } from './table';

export const transformerEngine: AutocastTable<'transformer-engine'> = {
  id: 'transformer-engine',
  label: 'Transformer Engine FP8',
  lists: {
    tiles: names('linear'),
    wide: names('input conv1d conv2d conv3d'),
    full: names('cross_entropy_loss mse_loss'),
  },
  unlisted: 'follow',
  wide: 'bf16',
  // Its casts saturate (transformer_engine/common/util/cast_kernels.cuh).
  usual: ['e4m3fn_sat', 'e5m2_sat'],
  stores: () => FP32_STORES,
};

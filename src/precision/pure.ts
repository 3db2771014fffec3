/**
 * No autocast: `model.half()` or `model.bfloat16()`. Weights, inputs and targets are in the format, and every operation
 * follows, the loss as well. An FP16 loss times the FP32 scale is FP32, but the gradient handed back to it is FP16: a loss
 * scale of 65,536 is infinite there (docs of torch.amp.GradScaler; ordinary promotion of a tensor without dimensions).
 */
import { FP32_STORES, pureStores } from './stores';
import { names, type AutocastTable } from './table';

export const pureHalf: AutocastTable<'half'> = {
  id: 'half',
  label: 'model.half()',
  lists: { low: names('linear conv1d conv2d conv3d') },
  unlisted: 'follow',
  usual: ['fp16', 'fp16'],
  stores: pureStores,
};

/**
 * The model in bf16 with FP32 masters in the optimizer, as Megatron-LM `--bf16` and DeepSpeed's `bf16` have it
 * (megatron/core/optimizer/optimizer.py, Float16OptimizerWithFloat16Params): every layer runs in bf16, the loss in FP32
 * (megatron/core/tensor_parallel/cross_entropy.py), and the optimizer is given FP32 gradients.
 */
export const bf16Masters: AutocastTable<'bf16-masters'> = {
  id: 'bf16-masters',
  label: 'Megatron bf16',
  lists: { low: names('linear conv1d conv2d conv3d'), full: names('cross_entropy_loss mse_loss') },
  unlisted: 'follow',
  usual: ['bf16', 'bf16'],
  stores: () => FP32_STORES,
};

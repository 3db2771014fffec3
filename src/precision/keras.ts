/**
 * Keras 3 mixed precision (keras/src/dtype_policies/dtype_policy.py, layers/layer.py): a policy belongs to layers, not to
 * operations, so every layer casts its inputs and what it reads of its FP32 variables to the compute type. Losses convert
 * predictions to FP32 (keras/src/losses/loss.py). Normalizations compute in FP32 and give back the compute type, which is
 * what `low` says about them: what they write. Attention, softmax and the other layers are low as well unless a person
 * gives them a type.
 */
import { FP32_STORES } from './stores';
import { names, type AutocastTable } from './table';

const mixed = <Id extends string>(id: Id, label: string, format: string): AutocastTable<Id> => ({
  id,
  label,
  lists: { full: names('cross_entropy_loss mse_loss l1_loss huber_loss kl_div binary_cross_entropy') },
  unlisted: 'low',
  usual: [format, format],
  stores: () => FP32_STORES,
});

export const kerasMixedFloat16 = mixed('keras-mixed-float16', 'Keras mixed_float16', 'fp16');
export const kerasMixedBfloat16 = mixed('keras-mixed-bfloat16', 'Keras mixed_bfloat16', 'bf16');

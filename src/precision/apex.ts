/**
 * NVIDIA Apex, `amp.initialize(opt_level=…)` (apex/amp/frontend.py, _initialize.py, lists/*.py before its removal).
 *
 * O1 patches the functions on its lists. O2 and O3 cast the model itself, and the forward method is wrapped: inputs are
 * cast to FP16 and outputs to FP32, so the loss is FP32 even in O3.
 */
import { FP32_STORES, pureStores, type Stores } from './stores';
import { names, type AutocastTable } from './table';

const LOSSES = `
  poisson_nll_loss cosine_embedding_loss hinge_embedding_loss kl_div l1_loss mse_loss margin_ranking_loss
  multilabel_margin_loss multilabel_soft_margin_loss multi_margin_loss nll_loss binary_cross_entropy_with_logits
  smooth_l1_loss soft_margin_loss triplet_margin_loss log_softmax cross_entropy_loss`;

export const apexO0: AutocastTable<'apex-o0'> = {
  id: 'apex-o0',
  label: 'Apex O0',
  lists: {},
  unlisted: 'full',
  usual: ['fp32', 'fp32'],
  stores: () => FP32_STORES,
};

/** The lists of torch_overrides.py and functional_overrides.py together. */
export const apexO1: AutocastTable<'apex-o1'> = {
  id: 'apex-o1',
  label: 'Apex O1',
  lists: {
    low: names(`
      conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_tbc prelu addmm addmv addr matmul mm mv
      addbmm baddbmm bmm linear`),
    full: names(`
      acos asin cosh erfinv exp expm1 log log10 log2 reciprocal rsqrt sinh tan pow cumprod cumsum dist norm prod std sum var
      renorm interpolate softplus softmin softmax layer_norm group_norm local_response_norm normalize cosine_similarity
      ${LOSSES}`),
    widest: names('addcdiv addcmul atan2 cross bilinear dot add div mul eq equal ge gt le lt ne cat stack'),
  },
  unlisted: 'follow',
  banned: ['binary_cross_entropy'],
  usual: ['fp16', 'fp16'],
  stores: () => FP32_STORES,
};

/** A model in FP16: its layers have FP16 weights, and what it computes with them follows. */
const castModel = <Id extends string>(
  id: Id,
  label: string,
  full: string,
  stores: (format: { readonly name: string }) => Stores,
): AutocastTable<Id> => ({
  id,
  label,
  lists: { low: names('linear conv1d conv2d conv3d'), full: names(`${full} ${LOSSES}`) },
  unlisted: 'follow',
  usual: ['fp16', 'fp16'],
  stores,
});

/** FP32 batch normalization, and an FP32 master copy of the weights for the optimizer. */
export const apexO2 = castModel('apex-o2', 'Apex O2', 'batch_norm', () => FP32_STORES);
export const apexO3 = castModel('apex-o3', 'Apex O3', '', pureStores);

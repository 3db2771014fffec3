/** Every module of kernels that is made at build time, by its name. No such file stands in the repository. */
import { layoutAssembly, layoutShader } from './layout-modules.ts';
import {
  scalerRulesAssembly,
  scalerRulesShader,
  scalerWordsAssembly,
  scalerWordsShader,
} from './scaler-modules.ts';

/** `package::layout` and so on: paths as those of files under shaders/. */
export const shaderModules = (): Readonly<Record<string, string>> => ({
  'layout.wgsl': layoutShader(),
  'scaler_words.wgsl': scalerWordsShader(),
  'scaler_rules.wgsl': scalerRulesShader(),
});

/** What assembly/ imports from './generated/layout' and so on. */
export const assemblyModules = (): Readonly<Record<string, string>> => ({
  'layout.ts': layoutAssembly(),
  'scaler-words.ts': scalerWordsAssembly(),
  'scaler-rules.ts': scalerRulesAssembly(),
});

/**
 * The shader that updates scalers has the rules of all of them. Compiling them takes a software adapter seconds, so a
 * program takes only those of its lanes: they stand between comments in the text (scripts/scaler-modules.ts).
 */
import { scalerOf } from './index.ts';

export const ruleBegins = (rule: string): string => `// rule ${rule}`;
export const RULE_ENDS = '// end of rule';

const CASE = new RegExp(`^ *${ruleBegins('(\\S+)')}\n[^]*?${RULE_ENDS}\n`, 'gm');

/** The text of a shader with the rules of these kinds of scalers alone. */
export function withRulesOf(kinds: readonly string[], text: string): string {
  const rules = new Set(kinds.map((kind) => scalerOf(kind).rule));
  return text.replaceAll(CASE, (found, rule: string) => (rules.has(rule) ? found : ''));
}

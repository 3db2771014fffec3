/** How the first values of a parameter are distributed, as data; training/initial.ts draws them. */

/** A distribution with all its numbers. */
export type InitialDistribution =
  /** Of U(-bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** A distribution, or a rule that looks at how many numbers go into an output and come out of an input. */
export type InitialRule =
  | InitialDistribution
  /** U(-1/√in, 1/√in): torch.nn.Linear and Conv2d, `reset_parameters`. */
  | { readonly kind: 'fan-in' }
  /** U(-√(6/(in + out)), …): Keras, `glorot_uniform`; PyTorch, `xavier_uniform_`. */
  | { readonly kind: 'glorot-uniform' }
  /** N(0, 2/(in + out)), not truncated: PyTorch, `xavier_normal_`. */
  | { readonly kind: 'glorot-normal' };

/** Numbers that go into one output, and outputs that one number goes into: windows count. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

export function resolveInitial(rule: InitialRule, { fanIn, fanOut }: Fans): InitialDistribution {
  switch (rule.kind) {
    case 'fan-in':
      return { kind: 'uniform', bound: 1 / Math.sqrt(fanIn) };
    case 'glorot-uniform':
      return { kind: 'uniform', bound: Math.sqrt(6 / (fanIn + fanOut)) };
    case 'glorot-normal':
      return { kind: 'normal', mean: 0, deviation: Math.sqrt(2 / (fanIn + fanOut)) };
    case 'uniform':
    case 'normal':
    case 'constant':
      return rule;
  }
}

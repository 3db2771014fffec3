/** The engine as the page sees it: the worker's EngineApi, every call answered later. */
import type { EngineApi } from '../../engine/protocol';

type Answered<Call> = Call extends (...args: infer Args) => infer Result
  ? (...args: Args) => Promise<Awaited<Result>>
  : never;

export type EnginePort = { readonly [Name in keyof EngineApi]: Answered<EngineApi[Name]> };

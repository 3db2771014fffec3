/** What the controller needs from outside: the page gives it a browser, a test gives it stand-ins. */
import type { DiagnosisSpell } from '../../analysis/diagnosis/diagnosis';
import type { ScaleEvent } from '../../analysis/events';
import type { EngineClient } from '../../engine/client';
import type { BackendChoice, LoadedExperiment } from '../../engine/protocol';
import type { Experiment } from '../../experiment/experiment';
import type { Recording } from '../opening/recording';
import type { Link } from './link';
import type { ShareHost } from './share';
import type { Schedule } from './stage';

export interface ControllerHost extends ShareHost {
  readonly engine: EngineClient;
  readonly link: Link;
  /** What to show before the engine is ready, when the page opens without a link. */
  readonly recording: Recording;
  /** requestAnimationFrame; time in milliseconds. */
  readonly schedule: Schedule;
  /** What a screen reader should hear. */
  readonly words: Words;
}

export interface Words {
  /** The link of the run, or of another page, has been copied. */
  copied(what: 'run' | 'page'): string;
  event(event: ScaleEvent, loaded: LoadedExperiment): string;
  diagnosis(spell: DiagnosisSpell, loaded: LoadedExperiment): string;
  /** An experiment is ready, and trains or waits. */
  ready(experiment: Experiment, running: boolean): string;
}

export interface LoadOptions {
  readonly start: boolean;
  /** How the experiment enters the address bar. */
  readonly entry: 'push' | 'replace' | 'none';
  readonly backend?: BackendChoice;
}

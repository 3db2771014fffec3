/** What the page would have said about the lanes of a run, for the report of `amp run`. */
import { Diagnoser } from '../analysis/diagnosis/diagnoser';
import { createDigester, digestedLanes } from '../analysis/digest';
import { PendingFrame } from '../engine/frames';
import { jsonNumber, type Observe, type RunReport } from './report';
import type { Experiment } from '../experiment/experiment';
import { diagnosisText } from '../i18n/diagnosis';

export interface DiagnosisReport {
  readonly code: string;
  /** Completed steps when it appeared, and when it was withdrawn; null while it holds. */
  readonly from: number;
  readonly to: number | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export class Diagnoses {
  private readonly experiment: Experiment;
  private diagnoser: Diagnoser | null = null;

  constructor(experiment: Experiment) {
    this.experiment = experiment;
  }

  readonly observe: Observe = (sites) => {
    const diagnoser = new Diagnoser(this.experiment, sites);
    this.diagnoser = diagnoser;
    const digest = createDigester(sites, digestedLanes(this.experiment));
    return (records) => {
      const frame = new PendingFrame('loss');
      frame.addRecords(records);
      diagnoser.append(digest(frame.take(0, records.firstStep)));
    };
  };

  addTo(report: RunReport) {
    return {
      ...report,
      lanes: report.lanes.map((lane, index) => ({ ...lane, diagnoses: this.ofLane(index) })),
    };
  }

  private ofLane(index: number): DiagnosisReport[] {
    const spells = this.diagnoser?.spells ?? [];
    return spells
      .filter(({ lane }) => lane === index)
      .map(({ diagnosis, from, to }) => ({
        code: diagnosis.code,
        from,
        to,
        values: jsonValues(diagnosis.values),
        text: diagnosisText(diagnosis),
      }));
  }
}

/** JSON has no infinities and no NaN. */
const jsonValues = (values: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]: [string, unknown]): [string, unknown] => [
      name,
      typeof value === 'number' ? jsonNumber(value) : value,
    ]),
  );

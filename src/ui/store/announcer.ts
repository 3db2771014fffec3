/** Feeds the polite live region: at most one message in two seconds. What to say of a run, commentary.ts decides. */
const INTERVAL = 2000;
/** Messages that may wait; of more, the oldest are out of date. */
const MOST_WAITING = 3;

export class Announcer {
  private readonly show: (text: string) => void;
  private waiting: readonly string[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(show: (text: string) => void) {
    this.show = show;
  }

  /** @param first what a person just did is said before what the run did meanwhile */
  say(text: string, first = false): void {
    this.waiting = first
      ? [text, ...this.waiting].slice(0, MOST_WAITING)
      : [...this.waiting, text].slice(-MOST_WAITING);
    if (this.timer === null) this.speak();
  }

  private speak(): void {
    const [text, ...others] = this.waiting;
    this.waiting = others;
    this.timer = null;
    if (text === undefined) return;
    this.show(text);
    this.timer = setTimeout(() => this.speak(), INTERVAL);
  }
}

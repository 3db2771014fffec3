/** Feeds the polite live region: at most one message in two seconds, and then the newest. */
const INTERVAL = 2000;

export class Announcer {
  private readonly show: (text: string) => void;
  private waiting: string | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(show: (text: string) => void) {
    this.show = show;
  }

  /** @param urgent what a person just did is said before what the run did meanwhile */
  say(text: string, urgent = false): void {
    if (this.timer === null) {
      this.speak(text);
      return;
    }
    if (urgent || this.waiting === null || !this.waitingIsUrgent) {
      this.waiting = text;
      this.waitingIsUrgent = urgent;
    }
  }

  private waitingIsUrgent = false;

  private speak(text: string): void {
    this.show(text);
    this.timer = setTimeout(() => {
      this.timer = null;
      const { waiting } = this;
      this.waiting = null;
      this.waitingIsUrgent = false;
      if (waiting !== null) this.speak(waiting);
    }, INTERVAL);
  }
}

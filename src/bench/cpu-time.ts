/**
 * How much CPU time something took while other programs ran beside it. Steps per second fall when a machine is busy;
 * CPU time hardly does, so that is what two runs of a benchmark may be compared by.
 */

/** Ticks per second that Linux counts CPU time in for programs (USER_HZ of its user interface, on every platform). */
const TICKS_PER_SECOND = 100;

/** CPU time that has been taken so far, in seconds; null where the system does not tell. */
export interface CpuSnapshot {
  /** By the processes that are measured. */
  readonly own: number | null;
  /** By everything on this machine, `own` included. */
  readonly machine: number | null;
}

/** What happened between two snapshots. */
export interface CpuUsage {
  /** CPU seconds of what is measured; null where unknown. */
  readonly own: number | null;
  /** Cores that everything else kept busy; null where unknown. */
  readonly others: number | null;
}

export interface ProcessTime {
  readonly id: number;
  readonly parent: number;
  readonly seconds: number;
}

/** Reads /proc/<pid>/stat (proc_pid_stat(5)): user and system time of all threads, those that have ended included. */
export function parseProcess(stat: string): ProcessTime {
  // The second field is the program's name in parentheses and may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { id: parseInt(stat, 10), parent, seconds: (user + system) / TICKS_PER_SECOND };
}

/** Busy seconds of all cores together, from /proc/stat (proc_stat(5)): neither idle nor waiting for a disk. */
export function parseMachine(stat: string): number {
  const [user, nice, system, , , interrupts, softInterrupts] = stat
    .split('\n', 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + interrupts + softInterrupts) / TICKS_PER_SECOND;
}

/** Seconds of a process and of all that descend from it. */
export function treeSeconds(processes: readonly ProcessTime[], root: number): number {
  const children = new Map<number, ProcessTime[]>();
  for (const process of processes) {
    const siblings = children.get(process.parent);
    if (siblings === undefined) children.set(process.parent, [process]);
    else siblings.push(process);
  }
  let seconds = processes.find(({ id }) => id === root)?.seconds ?? 0;
  const waiting = [root];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const child of children.get(parent) ?? []) {
      seconds += child.seconds;
      waiting.push(child.id);
    }
  }
  return seconds;
}

/** @param wallSeconds time from one snapshot to the other */
export function usageBetween(before: CpuSnapshot, after: CpuSnapshot, wallSeconds: number): CpuUsage {
  const difference = (from: number | null, to: number | null): number | null =>
    // A process that ends takes its past with it.
    from === null || to === null ? null : Math.max(0, to - from);
  const own = difference(before.own, after.own);
  const machine = difference(before.machine, after.machine);
  const others = own === null || machine === null ? null : Math.max(0, machine - own) / wallSeconds;
  return { own, others };
}

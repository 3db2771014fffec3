/** The CPU time that processes have taken so far, where the system tells: Linux through /proc, Node for itself. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import {
  parseMachine,
  parseProcess,
  treeSeconds,
  type CpuSnapshot,
  type ProcessTime,
} from '../bench/cpu-time';

const hasProc = existsSync('/proc/stat');

const machineSeconds = (): number | null =>
  hasProc ? parseMachine(readFileSync('/proc/stat', 'utf8')) : null;

/** Of this process with all its threads. */
export function ownClock(): CpuSnapshot {
  const { user, system } = process.cpuUsage();
  return { own: (user + system) / 1e6, machine: machineSeconds() };
}

function processes(): ProcessTime[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseProcess(readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch {
        // It has ended since the folder was listed.
        return [];
      }
    });
}

/** Of a process and all that descend from it, such as a browser's. */
export const treeClock = (root: number) => (): CpuSnapshot => ({
  own: hasProc ? treeSeconds(processes(), root) : null,
  machine: machineSeconds(),
});

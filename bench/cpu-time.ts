import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// Fields 14 and 15 of /proc/<pid>/stat (proc_pid_stat(5)), counted after the name, which may itself hold spaces.
const UTIME_AFTER_NAME = 11;
const STIME_AFTER_NAME = 12;

/**
 * Reads the processor time that a process has used, user and system, all threads, in milliseconds. From outside, so that
 * the measured process runs as it is. Resolution: one tick of the kernel, 10 ms.
 */
export function createCpuClock(): (pid: number) => number {
  if (process.platform !== 'linux') return readPs;
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return (pid) => (readProc(pid) * 1_000) / ticksPerSecond;
}

function readProc(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[UTIME_AFTER_NAME]) + Number(fields[STIME_AFTER_NAME]);
}

/** `[[dd-]hh:]mm:ss[.cc]`, as macOS and the BSDs print it. */
function readPs(pid: number): number {
  const text = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return text.split(/[-:]/).reduceRight((total, part, index, parts) => {
    const unit = [1, 60, 3_600, 86_400][parts.length - 1 - index] ?? 0;
    return total + Number(part) * unit * 1_000;
  }, 0);
}

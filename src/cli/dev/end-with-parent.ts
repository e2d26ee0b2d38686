/**
 * Loaded into a child process before its own script: when the process that started it is gone, however that came about, the
 * child is asked to end as by SIGTERM. The operating system closes the channel between them even after a SIGKILL.
 */

// Programs that do not end by themselves within this time after being asked are ended.
const END_MS = 5_000;

function end(): void {
  setTimeout(() => process.exit(1), END_MS).unref();
  process.kill(process.pid, 'SIGTERM');
}

process.on('disconnect', end);
// It may be gone before this is loaded.
if (process.connected === false) end();
// To listen for its end must not keep a program alive that is done.
process.channel?.unref();

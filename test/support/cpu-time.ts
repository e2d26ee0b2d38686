/**
 * Milliseconds that this thread computed during the work. Unlike time on the wall it does not grow when the machine is busy with
 * other work, so that a test can say that something ends soon.
 */
export async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** How often it is looked whether the parent is still there. */
const LOOK_MS = 500;

/**
 * Started by npm (`npx fairtally`, `npm run`), the parent is a shell of npm's, which a signal ends without its being
 * passed on: has `onEnd` called when it is gone. Started by anything else, a command may outlive its parent, as after
 * `nohup`.
 */
export function endWithParent(env: Readonly<Record<string, string | undefined>>, onEnd: () => void): void {
  // With a launcher in between, the launcher looks.
  if (env['npm_command'] === undefined || process.channel !== undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_MS);
  timer.unref();
}

// A Node program beside this process that never outlives it.
import { spawn } from 'node:child_process';

/**
 * Starts a Node program that is ended when this process ends, however it does: SIGTERM at an orderly end, and the end of the
 * channel between the two, which the system closes, when this process is killed. The program must end when its channel
 * does (`process.once('disconnect', …)`). Ctrl-C does not reach it: it is in a group of its own. Does not keep this process alive.
 */
export function attendedChild(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true });
  process.on('exit', () => child.kill('SIGTERM'));
  child.unref();
  child.channel?.unref();
  return child;
}

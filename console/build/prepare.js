// Run by `npm install` (script `prepare`) and, where pages are missing, by `fairtally serve`. In JavaScript, so that
// any Node.js reads it. It never fails an install: what could not be built is built when the console is first served.
const isAsked = process.argv.includes('--asked');
try {
  const { buildConsole } = await import('./build.ts');
  await buildConsole();
} catch (error) {
  const why = error?.code === 'ERR_MODULE_NOT_FOUND' ? 'vite, a development package, is not installed' : error;
  console.error(`The console was not built: ${why}`);
  if (isAsked) process.exitCode = 1;
}

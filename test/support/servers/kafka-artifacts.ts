import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ScramUser, scramArguments } from './broker-security.ts';
import { brokerSettings, propertiesText } from './kafka-settings.ts';
import { WayClosed } from './server-ways.ts';

const run = promisify(execFile);
const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
const NEEDED_JAVA = 17;
/** Any will do: a broker has its cluster to itself. */
export const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';

/** What a broker is started from: its jars, and a folder formatted for its log, to be copied. */
export interface KafkaArtifacts {
  readonly java: string;
  /** The class path of the jars. */
  readonly classPath: string;
  readonly formattedLog: string;
}

/**
 * What is needed to start a broker of `version`, from below the user's cache. The first time Maven fetches the jars, as
 * `pom.xml` says, and a folder is formatted, which takes Java a second; afterwards neither is done again. Fails with
 * `WayClosed` where there is no Maven, or no Java that is new enough.
 */
export async function kafkaArtifacts(version: string): Promise<KafkaArtifacts> {
  const java = await javaCommand();
  const folder = join(cacheFolder(), `kafka-${version}`);
  if (!(await exists(folder))) await prepare(java, version, folder);
  return { java, classPath: classPathIn(folder), formattedLog: formattedLogIn(folder) };
}

/** The `java` command: `JAVA_HOME` first, as Maven does. */
async function javaCommand(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home === undefined ? 'java' : join(home, 'bin', 'java');
  const { stderr } = await run(java, ['-version']).catch(() => {
    throw new WayClosed(`there is no Java: '${java} -version' failed`);
  });
  const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
  if (major < NEEDED_JAVA) throw new WayClosed(`Java ${NEEDED_JAVA} or later is needed, this is ${major}`);
  return java;
}

/** In a folder aside, then renamed: of two processes that start together, one finds that the other was quicker. */
async function prepare(java: string, version: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(`${folder}-`);
  try {
    await fetchJars(version, join(aside, 'jars'));
    await formatPlainLog(java, aside);
    await rename(aside, folder);
  } catch (cause) {
    await rm(aside, { recursive: true, force: true });
    if (!(await exists(folder))) throw cause;
  }
}

async function fetchJars(version: string, jars: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
  try {
    await run('mvn', ['--quiet', '--batch-mode', '--file', POM, `-Dkafka.version=${version}`, ...goal]);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw new WayClosed('there is no Maven');
    throw new Error(`Cannot fetch Kafka ${version} with Maven`, { cause });
  }
}

/** What the format writes does not hang on ports or folders, which differ from broker to broker. */
async function formatPlainLog(java: string, folder: string): Promise<void> {
  const file = join(folder, 'format.properties');
  const [listenAt, controllerAt, itselfAt] = ['127.0.0.1:9092', '127.0.0.1:9093', '127.0.0.1:9094'];
  const place = { listenAt, controllerAt, itselfAt, advertisedAt: listenAt, folder: formattedLogIn(folder) };
  await writeFile(file, propertiesText(brokerSettings(place)));
  await formatLog({ java, classPath: classPathIn(folder) }, file, []);
}

/** Formats the folder for a broker's log that a file of settings names, for a broker with these users. */
export async function formatLog(
  { java, classPath }: Pick<KafkaArtifacts, 'java' | 'classPath'>,
  settings: string,
  users: readonly ScramUser[],
): Promise<void> {
  const args = ['format', '-t', CLUSTER_ID, '-c', settings, ...scramArguments(users)];
  await run(java, ['-cp', classPath, 'kafka.tools.StorageTool', ...args]);
}

function classPathIn(folder: string): string {
  return join(folder, 'jars', '*');
}

function formattedLogIn(folder: string): string {
  return join(folder, 'log');
}

function cacheFolder(): string {
  const caches =
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  return join(caches, 'fairtally');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

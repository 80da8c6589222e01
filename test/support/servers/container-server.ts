import type { Container } from 'dockerode';
import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  ImageName,
  Wait,
} from 'testcontainers';
import { reapAtEnd } from './reaper.ts';
import { WayClosed } from './server-ways.ts';
import { type TestServer, untilAnswered } from './test-server.ts';

/** A server in a container, reached by ports of this machine. */
export interface ContainerServerSettings {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** The ports of this machine are chosen beforehand: they stay the same when the container is started again. */
  readonly ports: readonly { readonly container: number; readonly host: number }[];
  /** Rejects while the server does not answer. */
  ask(): Promise<unknown>;
}

const STOP_WITHIN_S = 30;
const SHARED_MEMORY_BYTES = 256 * 1024 * 1024;
const TAIL_LINES = 30;

/** The machine on which containers publish their ports; fails with `WayClosed` where no engine answers. */
export async function containerHost(): Promise<string> {
  const { host } = (await containerClient()).info.containerRuntime;
  // Clients try ::1 first when asked for localhost, and find nobody there.
  return host === 'localhost' ? '127.0.0.1' : host;
}

/** Starts the server; resolves when it answers. Fails with `WayClosed` where its image can't be had. */
export async function startContainerServer(settings: ContainerServerSettings): Promise<TestServer> {
  const client = await containerClient();
  await haveImage(client, settings.image);
  const container = client.container.getById(await createContainer(settings));
  const forget = reapAtEnd({ kind: 'container', id: container.id });
  const pids: number[] = [];
  const server: TestServer = {
    pids,
    async stop() {
      if (pids.splice(0).length > 0) await container.stop({ t: STOP_WITHIN_S });
    },
    async kill() {
      if (pids.splice(0).length > 0) await container.kill();
    },
    async start() {
      if (pids.length > 0) return;
      await container.start();
      pids.push(await answeringProcess(container, settings));
    },
    async close() {
      pids.length = 0;
      await container.remove({ force: true, v: true });
      forget();
    },
  };
  try {
    pids.push(await answeringProcess(container, settings));
  } catch (cause) {
    await server.close();
    throw cause;
  }
  return server;
}

async function containerClient(): Promise<ContainerRuntimeClient> {
  try {
    return await getContainerRuntimeClient();
  } catch (cause) {
    throw new WayClosed('no Docker engine answers', { cause });
  }
}

async function haveImage(client: ContainerRuntimeClient, image: string): Promise<void> {
  try {
    await client.image.pull(ImageName.fromString(image));
  } catch (cause) {
    throw new WayClosed(`cannot pull image ${image}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

async function createContainer(settings: ContainerServerSettings): Promise<string> {
  const container = new GenericContainer(settings.image)
    .withEnvironment(settings.environment)
    .withExposedPorts(...settings.ports)
    .withSharedMemorySize(SHARED_MEMORY_BYTES)
    // Our own reaper removes it: Ryuk, which testcontainers would use, is one more image to be had.
    .withAutoCleanup(false)
    // Whether it answers is asked the same way as after each start.
    .withWaitStrategy(Wait.forLogMessage(/./));
  if (settings.command !== undefined) container.withCommand([...settings.command]);
  return (await container.start()).getId();
}

/** The container's main process as this machine numbers it, once its server answers. */
async function answeringProcess(container: Container, { image, ask }: ContainerServerSettings): Promise<number> {
  await untilAnswered(ask, async () => {
    if ((await container.inspect()).State.Running) return null;
    const log = await container.logs({ stdout: true, stderr: true, tail: TAIL_LINES });
    return `the container of ${image} ended: ${log.toString()}`;
  });
  return (await container.inspect()).State.Pid;
}

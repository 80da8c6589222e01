import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type CommandRun, spawnCommand } from '../bin/run-command.ts';
import { type Identity, makeAuthority } from '../support/certificates.ts';
import { runOn } from '../support/postgres.ts';
import { createTestDatabase } from '../support/test-database.ts';

const authority = makeAuthority('The authority');
const stranger = makeAuthority('A stranger');

let folder: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let servers: Server[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-refusals-'));
  servers = [];
  writeFileSync(join(folder, 'authority.pem'), authority.certificate);
  writeFileSync(join(folder, 'key.pem'), authority.issue({ name: 'client' }).key);
  database = await createTestDatabase(inject('postgres').template);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Starts a server that `serve`s each connection; returns its port. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen');
  return address.port;
}

/** The real server behind TLS, as with `ssl = on`; returns the address of the test's database through it. */
async function behindTls(identity: Identity): Promise<URL> {
  const url = new URL(database.url);
  const inside = { port: Number(url.port), host: url.hostname };
  const port = await listen((socket) => {
    socket.once('data', () => {
      socket.write('S');
      const tls = new TLSSocket(socket, { isServer: true, key: identity.key, cert: identity.certificate });
      const inner = connect(inside);
      for (const end of [tls, inner]) end.on('error', () => {});
      tls.pipe(inner).pipe(tls);
    });
  });
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url;
}

function withSettings(address: string | URL, settings: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, value);
  return url.href;
}

/** As an operator runs it: whatever a library throws beside all promises would end the process. */
const report = (url: string): Promise<CommandRun> => spawnCommand(folder, ['report', '--database', url]);

interface Refusal {
  readonly exitCode: number;
  readonly stderr: string;
  /** Nothing of a bug, a stack or the password. */
  readonly isFitToRead: boolean;
}

async function refusalOf(url: string): Promise<Refusal> {
  const { exitCode, stderr } = await report(url);
  const isFitToRead = !/bug of Fairtally|^ +at |node:/m.test(stderr) && !stderr.includes(`:${new URL(url).password}@`);
  return { exitCode, stderr, isFitToRead };
}

function refused(says: RegExp, exitCode = 1): unknown {
  return { exitCode, stderr: expect.stringMatching(says), isFitToRead: true };
}

describe('a server that has no TLS', () => {
  it.each([{ sslmode: 'require' }, { sslmode: 'verify-full' }, { ssl: 'true' }])(
    'is said so (%o)',
    async (settings) => {
      expect(await refusalOf(withSettings(database.url, settings))).toEqual(
        refused(/: the server has no TLS, which 'sslmode' or 'ssl'/),
      );
    },
  );
});

describe('TLS with a server', () => {
  const hosts = ['127.0.0.1', 'localhost'];
  it('works with the right authority', async () => {
    const url = await behindTls(authority.issue({ name: 'server', hosts }));
    const { stderr } = await report(
      withSettings(url, { sslmode: 'verify-full', sslrootcert: join(folder, 'authority.pem') }),
    );
    expect(stderr).not.toContain('connect');
  });

  it.each([
    ['signed by nobody we know', () => stranger.issue({ name: 'server', hosts }), /signed by no authority/],
    ['expired', () => authority.issue({ name: 'server', hosts, isExpired: true }), /has expired/],
    ['of another host', () => authority.issue({ name: 'server', hosts: ['elsewhere.example'] }), /is for another host/],
  ] as const)('names what is wrong with a certificate: %s', async (_, identity, says) => {
    const url = await behindTls(identity());
    expect(
      await refusalOf(withSettings(url, { sslmode: 'verify-full', sslrootcert: join(folder, 'authority.pem') })),
    ).toEqual(refused(says));
  });

  it.each([
    ['sslrootcert', 'there\nis none', /'sslrootcert' names the file 'there\\nis none': there is no such file/],
    ['sslrootcert', '.', /'sslrootcert' names the file '\.': it is a folder/],
    ['sslrootcert', 'key.pem', /'sslrootcert' names the file 'key.pem': it holds no certificate/],
    ['sslcert', 'no.pem', /'sslcert' names the file 'no.pem': there is no such file/],
    ['sslkey', 'authority.pem', /'sslkey' names the file 'authority.pem': it holds no private key/],
    ['sslmode', 'verify_full', /'sslmode' must be one of disable/],
  ])('refuses what the address names wrongly before it connects: %s=%j', async (setting, value, says) => {
    expect(await refusalOf(withSettings(database.url, { [setting]: value }))).toEqual(refused(says, 2));
  });
});

/** What others say first, or answer; `%` ends the connection. */
const OTHERS: Readonly<Record<string, string>> = {
  'a web server': 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n%',
  'a mail server': '220 mail.example ESMTP\r\n',
  'a shell server': 'SSH-2.0-OpenSSH_9.9\r\n%',
  MySQL: '\u004a\u0000\u0000\u0000\u000a8.0.36\u0000%',
  Redis: "-ERR unknown command '\u0000'\r\n%",
  'one that hangs up': '%',
  'one with a login of its own': 'R\u0000\u0000\u0000\u0008\u0000\u0000\u0000\u0063',
  'one that wants GSSAPI': 'R\u0000\u0000\u0000\u0008\u0000\u0000\u0000\u0007',
  noise: 'z\u0000\u0000\u0000\u0004z\u0000\u0000\u0000\u0004%',
};

describe('what is no PostgreSQL', () => {
  it.each(Object.keys(OTHERS).flatMap((who) => [[who, {}] as const, [who, { sslmode: 'verify-full' }] as const]))(
    'is no bug of ours: %s, asked with %o',
    async (who, settings) => {
      const says = OTHERS[who] ?? '';
      const port = await listen((socket) => {
        socket.once('data', () => {
          socket.write(Buffer.from(says.replace(/%$/, ''), 'latin1'));
          if (says.endsWith('%')) socket.end();
        });
      });
      expect(await refusalOf(withSettings(`postgres://u:secret@127.0.0.1:${port}/db`, settings))).toEqual(
        refused(
          /^Cannot run 'connect': (?:what listens there did not|what listens there does not|timeout expired|.*is it PostgreSQL)/,
        ),
      );
    },
  );
});

/** The address of the test's database, changed. */
function addressWith(change: (url: URL) => void): string {
  const url = new URL(database.url);
  change(url);
  return url.href;
}

describe('PostgreSQL that does not let us in', () => {
  it('names the database that is not there', async () => {
    expect(await refusalOf(addressWith((url) => (url.pathname = '/nowhere')))).toEqual(
      refused(/database "nowhere" does not exist/),
    );
  });

  it('says that the password is wrong, or missing', async () => {
    const role = `refused_${process.pid}`;
    await runOn(database.url, `create role ${role} login password 'right'`);
    try {
      const as = (password: string): string =>
        addressWith((url) => {
          url.username = role;
          url.password = password;
        });
      expect(await refusalOf(as('wrong'))).toEqual(refused(/password authentication failed for user/));
      expect(await refusalOf(as(''))).toEqual(refused(/password/));
      await runOn(database.url, `alter role ${role} connection limit 0`);
      expect(await refusalOf(as('right'))).toEqual(refused(/too many connections for role/));
    } finally {
      await runOn(database.url, `drop role ${role}`);
    }
  });

  it.each([
    ['57P03', 'the database system is starting up'],
    ['57P03', 'the database system is shutting down'],
    ['57P03', 'the database system is not accepting connections'],
    ['53300', 'sorry, too many clients already'],
  ])('says what the server says while it is %s, %s', async (state, message) => {
    const fields = ['SFATAL', 'VFATAL', `C${state}`, `M${message}`].map((field) => `${field}\0`).join('');
    const body = Buffer.from(`${fields}\0`);
    const head = Buffer.from('E\0\0\0\0');
    head.writeUInt32BE(body.length + 4, 1);
    const port = await listen((socket) => socket.once('data', () => socket.end(Buffer.concat([head, body]))));
    expect(await refusalOf(`postgres://u:secret@127.0.0.1:${port}/db`)).toEqual(refused(new RegExp(message)));
  });

  it('says so where a standby lets only read', async () => {
    const copy = await createTestDatabase(inject('postgres').template);
    try {
      await runOn(
        copy.url,
        `alter database ${new URL(copy.url).pathname.slice(1)} set default_transaction_read_only = on`,
      );
      const run = await spawnCommand(folder, ['setup', '--database', copy.url]);
      expect([run.exitCode, run.stderr]).toEqual([
        1,
        expect.stringMatching(/read-only transaction[^]*it is a standby/),
      ]);
    } finally {
      await copy.drop();
    }
  });
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface AsteriskPorts {
  readonly sip: number;
  readonly manager: number;
  /** Of the carrier, and of each phone by its line. */
  readonly carrier: number;
  readonly phones: Readonly<Record<string, number>>;
}

/** An Asterisk of its own below a root folder, with a carrier's trunk `op` and phones. */
export class Asterisk {
  readonly #root: string;
  /** Its folder as it sees it, and as we do. */
  readonly #inside: string;
  readonly #folder: string;
  readonly #ports: AsteriskPorts;
  #child: ChildProcess | null = null;

  /** @param root `/`, or the folder of the Debian that has it */
  constructor(root: string, ports: AsteriskPorts) {
    this.#root = root;
    this.#ports = ports;
    this.#folder = mkdtempSync(join(root, 'var/tmp/fairtally-'));
    this.#inside = join('/', this.#folder.slice(root === '/' ? 0 : root.length));
    for (const name of ['etc', 'spool', 'lib', 'run', 'log/cdr-csv']) {
      mkdirSync(join(this.#folder, name), { recursive: true });
    }
    for (const [name, text] of Object.entries(filesOf(this.#inside, ports))) {
      writeFileSync(join(this.#folder, 'etc', name), text);
    }
  }

  /** The file that its `cdr_csv` writes. */
  get masterCsv(): string {
    return join(this.#folder, 'log/cdr-csv/Master.csv');
  }

  async start(): Promise<void> {
    const [program, ...args] = this.#command('-f');
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    for (let turn = 0; turn < 150; turn++) {
      if (child.exitCode !== null) throw new Error(`Cannot start Asterisk: it ended with ${child.exitCode}`);
      if (this.cli('core waitfullybooted').includes('fully booted')) return;
      await delay(200);
    }
    throw new Error(`Cannot start Asterisk: it is not up after 30 s\n${this.log()}`);
  }

  /** What its console says to a command. */
  cli(command: string): string {
    const [program, ...args] = this.#command('-rx', command);
    return spawnSync(program!, args, { encoding: 'utf8' }).stdout ?? '';
  }

  log(): string {
    const file = join(this.#folder, 'log/full');
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-8_000) : '';
  }

  /** The channel of a phone that is up. */
  async channelOf(line: string): Promise<string> {
    for (let turn = 0; turn < 50; turn++) {
      const channel = new RegExp(`^PJSIP/${line}-[0-9a-f]+`, 'm').exec(this.cli('core show channels concise'))?.[0];
      if (channel !== undefined) return channel;
      await delay(100);
    }
    throw new Error(`Cannot find a channel of phone ${line}: there is none`);
  }

  hangUp(channel: string): void {
    this.cli(`channel request hangup ${channel}`);
  }

  /** An action of the manager interface, and its answer. */
  async manage(action: Readonly<Record<string, string>>): Promise<string> {
    const socket = connect(this.#ports.manager, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.write(fieldLines({ Action: 'Login', Username: 'test', Secret: 'test', Events: 'off' }));
    socket.write(fieldLines(action));
    socket.write(fieldLines({ Action: 'Logoff' }));
    await new Promise<void>((resolve, reject) => socket.once('close', () => resolve()).once('error', reject));
    if (answer.includes('Response: Error')) throw new Error(`Cannot have Asterisk ${action['Action']}: ${answer}`);
    return answer;
  }

  /** Waits until no channel is up: all rows are written. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      if (this.cli('core show channels concise').trim() === '') return;
      await delay(100);
    }
    throw new Error(`Cannot wait for the calls to end: some are up\n${this.cli('core show channels')}`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      this.cli('core stop now');
      await Promise.race([ended, delay(5_000)]);
      child.kill('SIGKILL');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #command(...more: readonly string[]): string[] {
    const own = ['asterisk', '-C', `${this.#inside}/etc/asterisk.conf`, ...more];
    return this.#root === '/' ? own : ['chroot', this.#root, ...own];
  }
}

/** An action of the manager interface as it is sent. */
function fieldLines(fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${lines.join('')}\r\n`;
}

function phoneSection([line, port]: readonly [string, number]): string {
  return `
[${line}]
type=endpoint
context=phones
disallow=all
allow=ulaw
direct_media=no
accountcode=${line}
callerid=${line} <${line}>
aors=${line}
[${line}]
type=aor
contact=sip:${line}@127.0.0.1:${port}
`;
}

/** Modules that want a device, another server or a port of their own. */
const UNUSED = [
  'chan_sip',
  'chan_iax2',
  'chan_skinny',
  'chan_mgcp',
  'chan_unistim',
  'chan_ooh323',
  'chan_console',
  'chan_oss',
  'chan_alsa',
  'pbx_dundi',
  'pbx_ael',
  'pbx_lua',
  'res_hep',
  'res_snmp',
];

function filesOf(folder: string, { sip, manager, carrier, phones }: AsteriskPorts): Readonly<Record<string, string>> {
  return {
    'asterisk.conf': `[directories]
astetcdir => ${folder}/etc
astmoddir => /usr/lib/asterisk/modules
astvarlibdir => /var/lib/asterisk
astdbdir => ${folder}/lib
astkeydir => ${folder}/lib
astdatadir => /usr/share/asterisk
astagidir => ${folder}/lib
astspooldir => ${folder}/spool
astrundir => ${folder}/run
astlogdir => ${folder}/log
[options]
systemname=
`,
    'modules.conf': `[modules]\nautoload=yes\n${UNUSED.map((name) => `noload=${name}.so\n`).join('')}`,
    'logger.conf': '[logfiles]\nfull=notice,warning,error,verbose(3)\n',
    'cdr.conf':
      '[general]\nenable=yes\nunanswered=yes\n[csv]\nusegmtime=yes\nloguniqueid=yes\nloguserfield=yes\n' +
      'newcdrcolumns=yes\naccountlogs=no\n',
    'manager.conf': `[general]
enabled=yes
bindaddr=127.0.0.1
port=${manager}
[test]
secret=test
read=all
write=all
`,
    'features.conf': '[general]\ntransferdigittimeout=3\natxfernoanswertimeout=10\n[featuremap]\natxfer=*2\n',
    'indications.conf':
      '[general]\ncountry=us\n[us]\ndescription=us\nringcadence=2000,4000\ndial=350+440\nbusy=480+620/500,0/500\n' +
      'ring=440+480/2000,0/4000\ncongestion=480+620/250,0/250\n',
    'pjsip.conf': `
[udp]
type=transport
protocol=udp
bind=127.0.0.1:${sip}
[op]
type=endpoint
context=from-op
disallow=all
allow=ulaw
direct_media=no
aors=op
[op]
type=aor
contact=sip:127.0.0.1:${carrier}
[op]
type=identify
endpoint=op
match=127.0.0.1:${carrier}
${Object.entries(phones).map(phoneSection).join('')}`,
    // 00… is for what goes through a Local channel; a phone of ours, or the carrier, for all else.
    'extensions.conf': `
[phones]
exten => _0X.,1,Dial(PJSIP/\${EXTEN}@op,30,T)
exten => _20X,1,Dial(PJSIP/\${EXTEN},30)
exten => _70X.,1,Dial(Local/\${EXTEN:1}@out/n,30)
[out]
exten => _0X.,1,Dial(PJSIP/\${EXTEN}@op,30)
`,
  };
}

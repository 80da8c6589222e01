import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The columns that its script adds to each row. */
export const EXTRA_COLUMNS = 'src_user,dst_user,user_agent,src_ip';

/**
 * A Kamailio of its own: it sends calls on to a carrier, and accounts each INVITE and BYE as a row of a flat file
 * (db_flatstore) and as JSON (acc_json); of what was answered there is a row of each end.
 */
export class Kamailio {
  readonly #folder: string;
  readonly #port: number;
  readonly #carrier: number;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(folder: string, port: number, carrier: number) {
    this.#folder = join(folder, 'kamailio');
    this.#port = port;
    this.#carrier = carrier;
    mkdirSync(join(this.#folder, 'acc'), { recursive: true });
  }

  /** The files of the flat store: each process of Kamailio has one of its own, whichever end of a call it handles. */
  get accFiles(): string[] {
    const folder = join(this.#folder, 'acc');
    return readdirSync(folder)
      .map((name) => join(folder, name))
      .toSorted();
  }

  /** What acc_json queues, and its script hands to the log, as a file of its own. */
  writeJsonFile(): string {
    const records = this.#jsonRecords();
    const file = join(this.#folder, 'acc.ndjson');
    writeFileSync(file, `${records.join('\n')}\n`);
    return file;
  }

  #jsonRecords(): string[] {
    return this.#output.split('\n').flatMap((line) => /ACC_JSON (\{.*\})\s*$/.exec(line)?.[1] ?? []);
  }

  async start(): Promise<void> {
    const file = join(this.#folder, 'kamailio.cfg');
    writeFileSync(file, configOf(this.#port, this.#carrier, join(this.#folder, 'acc')));
    // -DD: in the foreground; -E: the log to stderr. The users and groups of the package are not asked for.
    const args = ['-DD', '-E', '-f', file, '-m', '64', '-M', '8', '-P', join(this.#folder, 'pid'), '-Y', this.#folder];
    const child = spawn('kamailio', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    for (let turn = 0; turn < 100; turn++) {
      if (child.exitCode !== null) break;
      if (this.#output.includes('FAIRTALLY READY')) return;
      await delay(100);
    }
    throw new Error(`Cannot start Kamailio: it is not up\n${this.#output.slice(-4_000)}`);
  }

  /** Waits until so many rows are written. */
  async wrote(rows: number): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      const text = this.accFiles.map((file) => readFileSync(file, 'utf8')).join('');
      if (text.split('\n').length - 1 >= rows && this.#jsonRecords().length >= rows) return;
      await delay(100);
    }
    throw new Error(`Cannot wait for ${rows} rows: Kamailio has not written them\n${this.#output.slice(-4_000)}`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await Promise.race([ended, delay(5_000)]);
    child.kill('SIGKILL');
  }
}

function configOf(port: number, carrier: number, folder: string): string {
  const extra = 'src_user=$fU;dst_user=$rU;user_agent=$ua;src_ip=$si';
  return `#!KAMAILIO
debug=2
log_stderror=yes
children=2
auto_aliases=no
listen=udp:127.0.0.1:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "db_flatstore.so"
loadmodule "acc.so"
loadmodule "acc_json.so"
loadmodule "mqueue.so"
loadmodule "rtimer.so"
modparam("rr", "append_fromtag", 1)
modparam("acc", "db_url", "flatstore:${folder}")
modparam("acc", "db_flag", 1)
modparam("acc", "failed_transaction_flag", 2)
modparam("acc", "log_flag", -1)
modparam("acc", "db_extra", "${extra}")
modparam("acc", "time_mode", 0)
modparam("db_flatstore", "flush", 1)
modparam("acc_json", "acc_flag", 1)
modparam("acc_json", "acc_extra", "${extra}")
modparam("mqueue", "mqueue", "name=acc")
modparam("acc_json", "acc_output_mqueue", "acc")
modparam("rtimer", "timer", "name=acc;interval=200000u;mode=1;")
modparam("rtimer", "exec", "timer=acc;route=ACC")
event_route[core:worker-one-init] { xlog("L_ERR", "FAIRTALLY READY\\n"); }
route[ACC] { while (mq_fetch("acc")) { xlog("L_ERR", "ACC_JSON $mqv(acc)\\n"); } }
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (is_method("BYE")) { setflag(1); setflag(2); }
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) { t_relay(); exit; }
    exit;
  }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  record_route();
  setflag(1);
  setflag(2);
  $du = "sip:127.0.0.1:${carrier}";
  t_relay();
}
`;
}

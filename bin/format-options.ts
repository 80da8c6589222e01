import { type Command, Option } from 'commander';

/** Adds the options that say how a stream's records are read. */
export function withFormatOptions(command: Command): Command {
  return command
    .option('--format <name>', 'name the format instead of having it detected')
    .option('--switch <name>', 'name of the switch that wrote the records')
    .option('--zone <zone>', `time zone of the switch's clock, e.g. Europe/Paris (CSV with local times)`)
    .addOption(
      repeatable('--trunk <endpoint>', 'endpoint towards a carrier, * for any rest (Asterisk, CUCM, 3CX, Yeastar)'),
    )
    .addOption(repeatable('--gateway <name>', 'gateway towards a carrier, * for any rest; all by default (FreeSWITCH)'))
    .addOption(repeatable('--profile <name>', 'SIP profile or driver whose outbound legs go to carriers (FreeSWITCH)'))
    .option('--billed-leg <leg>', `'caller' where only callers' legs are reported, else 'carrier' (FreeSWITCH)`)
    .addOption(repeatable('--line-from <variable>', 'variable or field that names the line, in order'))
    .addOption(repeatable('--diverter-from <field>', 'where the dialplan says who diverted a call (Asterisk)'))
    .addOption(repeatable('--user-agent-from <field>', `where the dialplan keeps the subscriber's user agent`))
    .addOption(repeatable('--source-ip-from <field>', `where the dialplan keeps the subscriber's address`))
    .addOption(repeatable('--number-from <field>', 'field that names the number called, in order (Kamailio, OpenSIPS)'))
    .addOption(
      repeatable('--extra-column <names>', 'columns after the first seven, in order, with commas (rows of Kamailio)'),
    )
    .option('--duration-from <instant>', `'answer' where dialog CDRs begin at the answer (Kamailio)`)
    .addOption(
      repeatable('--dial-prefix <rule>', `what stands before numbers: [TRUNK:]PREFIX=REPLACEMENT, '9=', '011=+'`),
    )
    .addOption(repeatable('--extension <pattern>', `numbers within the switch, X for any digit: '1XX'`))
    .option('--longest-call <span>', 'longer calls wait in quarantine: 4h, 2d (1d)')
    .option('--clock-offset <span>', `how far the switch's clock is ahead: 2s, -1.5s`)
    .option('--mapping <file>', 'how records of any other format are read: docs/reference/cdr-formats.md');
}

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
}

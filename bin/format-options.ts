import { type Command, Option } from 'commander';

/** Adds the options that say how a stream's records are read. */
export function withFormatOptions(command: Command): Command {
  return command
    .option('--format <name>', 'name the format instead of having it detected')
    .option('--switch <name>', 'name of the switch that wrote the records (Asterisk, FreeSWITCH)')
    .option('--zone <zone>', `time zone of the switch's clock, e.g. Europe/Paris (Asterisk's Master.csv and events)`)
    .addOption(repeatable('--trunk <endpoint>', 'endpoint towards a carrier, * for any rest (Asterisk)'))
    .addOption(repeatable('--outside-prefix <[TRUNK=]PREFIX>', `what is dialled for an outside line (Asterisk)`))
    .addOption(repeatable('--strip-prefix <[TRUNK=]PREFIX[/INSTEAD]>', `technical prefix of numbers (Asterisk)`))
    .addOption(repeatable('--gateway <name>', 'gateway towards a carrier, * for any rest; all by default (FreeSWITCH)'))
    .addOption(repeatable('--profile <name>', 'SIP profile whose outbound legs go to carriers (FreeSWITCH)'))
    .option('--billed-leg <leg>', `'caller' where only callers' legs are reported, else 'carrier' (FreeSWITCH)`)
    .addOption(repeatable('--line-from <variable>', 'variable that names the line, in order (FreeSWITCH)'))
    .addOption(repeatable('--diverter-from <field>', 'where the dialplan says who diverted a call (Asterisk)'))
    .addOption(repeatable('--user-agent-from <field>', `where the dialplan keeps the subscriber's user agent`))
    .addOption(repeatable('--source-ip-from <field>', `where the dialplan keeps the subscriber's address`));
}

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
}

/** A call as sipp's client makes it. */
export interface SippCall {
  readonly from: string;
  readonly to: string;
  /** How long it talks before anything else happens, ms. */
  readonly talkMs: number;
  /** Then it asks the switch to send the other party there (REFER), and hangs up once that party has answered. */
  readonly transferTo?: string;
  /** It never hangs up, and waits for the other side to. */
  readonly isEndedByOther?: boolean;
}

const HEAD = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="fairtally">\n';
const SDP = [
  'Content-Type: application/sdp',
  'Content-Length: [len]',
  '',
  'v=0',
  'o=sipp 1 1 IN IP[local_ip_type] [local_ip]',
  's=-',
  'c=IN IP[media_ip_type] [media_ip]',
  't=0 0',
  'm=audio [media_port] RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
];
const NO_BODY = ['Content-Length: 0'];
const LAST = ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]'];
const CONTACT = 'Contact: <sip:[local_ip]:[local_port]>';

function send(lines: readonly string[], retransmits = true): string {
  return `<send${retransmits ? ' retrans="500"' : ''}><![CDATA[\n\n${lines.join('\n')}\n\n]]></send>\n`;
}

/** A party that is called: it answers, and waits for the BYE; or ends the call itself after `talkMs`. */
export function answering(talkMs: number | null = null): string {
  const to = '[last_To:];tag=[pid]s[call_number]';
  const answer = [...LAST.map((header) => (header === '[last_To:]' ? to : header)), CONTACT];
  const end =
    talkMs === null
      ? `<recv request="BYE"></recv>\n${send(['SIP/2.0 200 OK', ...LAST, ...NO_BODY], false)}`
      : `<pause milliseconds="${talkMs}"/>\n` +
        send([
          'BYE [next_url] SIP/2.0',
          'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
          '[routes]',
          'From: [$1];tag=[pid]s[call_number]',
          'To: [$2]',
          '[last_Call-ID:]',
          'CSeq: 1 BYE',
          'Max-Forwards: 70',
          ...NO_BODY,
        ]) +
        '<recv response="200"></recv>\n';
  const saved =
    '<action><ereg regexp=".*" search_in="hdr" header="To:" assign_to="1"/>' +
    '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="2"/></action>';
  return (
    `${HEAD}<recv request="INVITE" rrs="true">${talkMs === null ? '' : saved}</recv>\n` +
    send(['SIP/2.0 180 Ringing', ...answer, ...NO_BODY], false) +
    '<pause milliseconds="200"/>\n' +
    send(['SIP/2.0 200 OK', '[last_Record-Route:]', ...answer, ...SDP]) +
    '<recv request="ACK"></recv>\n' +
    `${end}</scenario>\n`
  );
}

/** A party that answers no call but says where it is now: a forward of the phone itself, by 302. */
export function forwarding(to: string): string {
  const tagged = LAST.map((header) => (header === '[last_To:]' ? '[last_To:];tag=[pid]r[call_number]' : header));
  return (
    `${HEAD}<recv request="INVITE"></recv>\n` +
    send(['SIP/2.0 302 Moved Temporarily', ...tagged, `Contact: <sip:${to}@127.0.0.1>`, ...NO_BODY]) +
    '<recv request="ACK"></recv>\n</scenario>\n'
  );
}

/** A party that refuses: busy. */
export function busy(): string {
  const tagged = LAST.map((header) => (header === '[last_To:]' ? '[last_To:];tag=[pid]b[call_number]' : header));
  return (
    `${HEAD}<recv request="INVITE"></recv>\n` +
    send(['SIP/2.0 486 Busy Here', ...tagged, ...NO_BODY]) +
    '<recv request="ACK"></recv>\n</scenario>\n'
  );
}

/** The party that calls. */
export function calling({ from, to, talkMs, transferTo, isEndedByOther = false }: SippCall): string {
  const request = (method: string, cseq: number, peerTag: string): string[] => [
    `${method} ${method === 'INVITE' ? `sip:${to}@[remote_ip]:[remote_port]` : '[next_url]'} SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    ...(method === 'INVITE' ? [] : ['[routes]']),
    `From: <sip:${from}@[local_ip]:[local_port]>;tag=[pid]c[call_number]`,
    `To: <sip:${to}@[remote_ip]:[remote_port]>${peerTag}`,
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:${from}@[local_ip]:[local_port]>`,
    'Max-Forwards: 70',
  ];
  const ok = send(['SIP/2.0 200 OK', ...LAST, ...NO_BODY], false);
  const provisional = [100, 180, 181, 183].map((code) => `<recv response="${code}" optional="true"></recv>\n`).join('');
  const opening =
    HEAD +
    send([...request('INVITE', 1, ''), ...SDP]) +
    provisional +
    '<recv response="200" rrs="true"></recv>\n' +
    send([...request('ACK', 1, '[peer_tag_param]'), ...NO_BODY], false);
  if (isEndedByOther) return `${opening}<recv request="BYE"></recv>\n${ok}</scenario>\n`;
  const pause = `<pause milliseconds="${talkMs}"/>\n`;
  if (transferTo === undefined) {
    const bye = send([...request('BYE', 2, '[peer_tag_param]'), ...NO_BODY]);
    return `${opening}${pause}${bye}<recv response="200"></recv>\n</scenario>\n`;
  }
  const refer = send([
    ...request('REFER', 2, '[peer_tag_param]'),
    `Refer-To: <sip:${transferTo}@[remote_ip]:[remote_port]>`,
    `Referred-By: <sip:${from}@[remote_ip]>`,
    ...NO_BODY,
  ]);
  // The switch tells how it goes: it tries, it rings, it is answered. Then the phone hangs up.
  const told = `<recv request="NOTIFY"></recv>\n${ok}`;
  const bye = send([...request('BYE', 3, '[peer_tag_param]'), ...NO_BODY]);
  const transferred = `${refer}<recv response="202"></recv>\n${told}${told}${told}`;
  return `${opening}${pause}${transferred}${bye}<recv response="200"></recv>\n</scenario>\n`;
}

/** The party that calls, and is busy with: nobody answers. */
export function callingInVain({ from, to }: Pick<SippCall, 'from' | 'to'>): string {
  const call = calling({ from, to, talkMs: 0 });
  const answered = call.indexOf('<recv response="200"');
  const ack = call.slice(call.indexOf('<send><![CDATA[', answered), call.indexOf('<pause'));
  // The ACK of a refusal goes where the INVITE went.
  const sent = ack.replace('[next_url]', `sip:${to}@[remote_ip]:[remote_port]`).replace('[routes]\n', '');
  return `${call.slice(0, answered)}<recv response="486"></recv>\n${sent}</scenario>\n`;
}

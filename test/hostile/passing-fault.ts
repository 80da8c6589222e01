/**
 * A fault of the database that passes: like a server that is killed and started again, it hits some writes and not
 * others.
 */
export interface PassingFault {
  /** Which writes it hits, as SQL of `new`, the row of `source_position` as it is to be. */
  readonly hits: string;
  /** How many of them. */
  readonly times: number;
  /** Whether it hits the commit rather than the statement. */
  readonly isAtCommit?: boolean;
}

/** SQL that sets it up; what it has hit is not forgotten by a transaction that is rolled back. */
export function setUpFault({ hits, times, isAtCommit = false }: PassingFault): string {
  const moment = isAtCommit ? 'after' : 'before';
  const kind = isAtCommit ? 'constraint trigger' : 'trigger';
  const deferred = isAtCommit ? 'deferrable initially deferred' : '';
  return `
    create sequence fault_hits;
    create function passing_fault() returns trigger language plpgsql as $f$ begin
      if (${hits}) and nextval('fault_hits') <= ${times} then
        raise exception 'terminating connection due to administrator command' using errcode = '57P01';
      end if;
      return new;
    end $f$;
    create ${kind} passing_fault ${moment} insert or update on source_position ${deferred}
      for each row execute function passing_fault();`;
}

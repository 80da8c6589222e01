-- The money at stake on each case, kept as calls come in: what confirming all that waits for a decision would charge.

alter table case_file add column at_stake bigint not null default 0;
alter table case_file add column at_stake_calls int not null default 0;

-- Cases by money, whatever the months hold.
create index case_file_by_money on case_file (state, at_stake desc, period desc, line);

-- Of cases that there are already it is added up by whoever judges lines next.
insert into stale_line (bucket, line) select distinct bucket, line from case_file
on conflict do nothing;

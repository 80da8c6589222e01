-- Where given, the key may post records of this switch alone, and may nothing but post records and ask for quotes.
alter table api_key
  add column switch text check (switch <> ''),
  add constraint api_key_of_a_switch_does_what_a_switch_does check (
    switch is null or (account is null and scopes <@ array['cdrs:write', 'quotes:read']));

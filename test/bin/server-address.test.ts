import { describe, expect, it } from 'vitest';
import { readServerAddress, serverAddressFault } from '../../bin/server-address.ts';

describe('readServerAddress()', () => {
  it.each([
    ['postgres://u:pw@h:5432/db', 'postgres://u@h:5432/db'],
    ['postgresql://h/db', 'postgresql://h/db'],
    ['postgres://u:p%40w%2Fx@h/db?sslmode=require&password=pw', 'postgres://u@h/db'],
    ['postgres://u:pw@[::1]:5432/db', 'postgres://u@[::1]:5432/db'],
    ['postgres:///db?host=/var/run/postgresql', 'postgres:///var/run/postgresql/db'],
    ['postgres://u:pw@h', 'postgres://u@h'],
  ])('shows %s as %s', (text, shown) => {
    expect(readServerAddress(text)).toEqual({ shown });
  });

  it.each([
    'postgres://u:pw@h:99999/db',
    'postgres://u:pw@h:0/db',
    'postgres://u:pw@h/db?port=0',
    'postgres://u:p@w@[/db',
    'postgres://u:1/pw@h/db',
    'postgres://u:1#pw@h/db',
    'postgres://u:1?pw@h/db',
    'postgres://u:%zz@h/db',
    'postgres://u:p w@h/db',
    'mysql://u:pw@h/db',
    'h',
    '',
  ])('refuses %s without a word of it', (text) => {
    expect(readServerAddress(text)).toBeNull();
    expect(serverAddressFault(text)).not.toMatch(/pw/);
  });
});

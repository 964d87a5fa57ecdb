import { describe, expect, it } from 'vitest';
import { type Command, findCommand, parseArguments, UsageError } from './command.ts';

const command = (name: string): Command => ({ name, summary: '', run: async () => 0 });

describe('parseArguments', () => {
  it('collects settings from both spellings of --set', () => {
    expect(parseArguments(['serve', '--set', 'a=1', '--set=b.c=x=y'])).toEqual({
      words: ['serve'],
      flags: ['a=1', 'b.c=x=y'],
    });
  });

  it('refuses options that it does not know, and a --set without a value', () => {
    expect(() => parseArguments(['serve', '--bogus'])).toThrow(UsageError);
    expect(() => parseArguments(['serve', '--set'])).toThrow(/argument missing/);
  });

  it('reads --help and --version as commands', () => {
    expect(parseArguments(['--version']).words).toEqual(['version']);
    expect(parseArguments(['serve', '-h']).words).toEqual(['help', 'serve']);
  });
});

describe('findCommand', () => {
  it('finds a command of two words and names the unknown one', () => {
    const commands = [command('serve'), command('config show')];
    expect(findCommand(commands, ['config', 'show']).name).toBe('config show');
    expect(() => findCommand(commands, ['config'])).toThrow('unknown command "config"');
    expect(() => findCommand(commands, [])).toThrow('which command?');
  });
});

import { expect, test } from 'vitest';
import { parseStackName } from './stack-name.ts';

test.each([
  ['stg.site-b', 'stg', 'site-b'],
  ['sandbox.site-a', 'sandbox', 'site-a'],
])('%s is environment %s and site %s', (name, environment, site) => {
  expect(parseStackName(name)).toEqual({ environment, site });
});

test.each(['', 'stg', 'stg.', '.site-b', '.', 'stg.site-b.data-1', 'stg..site-b', 'stg-site-b'])(
  '%j is an error that says what it must be like',
  (name) => {
    expect(() => parseStackName(name)).toThrow(
      new Error(`stack must be named <environment>.<site>, got ${name}; select one: pulumi stack select stg.site-b`),
    );
  },
);

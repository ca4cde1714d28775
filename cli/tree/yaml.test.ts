import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toYaml } from './yaml.ts';

const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };

/** Texts near the borders between the forms that YAML has for them. */
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[a-zA-Z][-\w:./@]{0,4}$/),
  fc.stringMatching(/^[-eEyYnNtT0-9._:]{0,5}$/),
  fc.stringMatching(/^[-a-z0 :#%.\n~<>=!&*?|'"@`,[\]{}+_\\]{0,6}$/),
  fc.constantFrom('y', 'No', 'ON', 'null', 'e5', 'E-0', '0x1f', '012', '1:20', '2020-01-01', '~', '.nan', '<<', '---'),
  fc.constantFrom('', ' a', 'a ', 'a:', 'a: b', 'a #b', '%a', '...', 'several\nlines\n', 'a\r', 'x'.repeat(1100)),
);
const { values } = fc.letrec((tie) => ({
  values: fc.oneof(
    { maxDepth: 5 },
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0),
    fc.constantFrom(true, false, null),
    fc.array(tie('values'), { maxLength: 4 }),
    fc.dictionary(texts, tie('values'), { maxKeys: 4 }),
  ),
}));

describe('toYaml', () => {
  it('writes whatever an object holds in the bytes of cdk8s', () => {
    fc.assert(
      fc.property(fc.dictionary(texts, values), (content) => {
        const object = { ...OBJECT, ...content };
        expect(toYaml(object)).toBe(Yaml.stringify(object));
      }),
      { numRuns: 5_000 },
    );
  });

  it('writes maps, lists and texts in place', () => {
    const object = {
      ...OBJECT,
      data: { url: 'https://example.com/', yes: 'no', lists: [[1, []], [{ a: 'b', c: {} }]] },
    };
    expect(toYaml(object)).toMatchInlineSnapshot(`
      "apiVersion: v1
      kind: ConfigMap
      metadata:
        name: settings
      data:
        url: https://example.com/
        "yes": "no"
        lists:
          - - 1
            - []
          - - a: b
              c: {}
      "
    `);
  });
});

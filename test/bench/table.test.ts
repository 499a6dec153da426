import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inReadme, type Result, table } from '../../bench/table.js';

const RESULT: Result = {
  captures: ['manyflows', 'dns'],
  rows: [
    {
      name: 'floor',
      cells: [
        { ns: 60, rssBytes: 1 << 20, code: 0 },
        { ns: 80, rssBytes: 2 << 20, code: 0 },
      ],
    },
    { name: 'ours', cells: [{ ns: 150, rssBytes: 64 << 20, code: 0 }, null] },
    {
      name: 'crashed',
      cells: [
        { ns: 1, rssBytes: 1, code: 139 },
        { ns: 1234.4, rssBytes: 3 << 20, code: 0 },
      ],
    },
  ],
  notes: ['Measured somewhere.'],
};

test('a cell is nanoseconds and the ratio to the floor of its own capture; a failure is no figure', () => {
  assert.equal(
    table(RESULT),
    `| ns of CPU a packet (times the floor) | manyflows | dns | peak RSS |
| --- | ---: | ---: | ---: |
| floor | 60 (1.0) | 80 (1.0) | 2.0 MiB |
| ours | 150 (2.5) |  | 64 MiB |
| crashed | failed (139) | 1,234 (15.4) | 3.0 MiB |

Measured somewhere.`,
  );
});

test('the README gets a section once, and afterwards only what lies between the markers changes', () => {
  const before = '# Tapspot\n\nText.\n\n## More\n\n- a link\n';
  const first = inReadme(before, 'TABLE 1');
  assert.match(
    first,
    /Text\.\n\n## Performance\n\n<!-- bench:begin [^\n]*-->\nTABLE 1\n<!-- bench:end -->\n\n## More\n/,
  );
  const edited = first.replace('## Performance\n', '## Performance\n\nWords of a person.\n');
  const second = inReadme(edited, 'TABLE 2');
  assert.equal(second, edited.replace('TABLE 1', 'TABLE 2'));
  assert.equal(inReadme(second, 'TABLE 2'), second);
  assert.match(inReadme('# Only a title\n', 'T'), /^# Only a title\n\n## Performance\n\n<!--/);
  assert.throws(() => inReadme('<!-- bench:end -->', 'T'), /one of the two/);
});

import { Group, Progress, Stack, Text, Title } from '@mantine/core';
import type { Campaign } from '@/api/generated';
import { type Tone, tones } from '@/theme';
import { statusIn } from '@/ui/action';
import { useFormat } from '@/ui/format';
import { useWords } from '@/words/words';
import { Door } from './Door';
import classes from './Sum.module.css';

/** The parts of a sum, in the order in which they are written. */
const parts = ['sent', 'failed', 'skipped', 'unknown', 'sending', 'queued'] as const;
const tone: Record<(typeof parts)[number], Tone> = { sent: 'good', failed: 'bad', skipped: 'plain', unknown: 'doubtful', sending: 'moving', queued: 'plain' };

/** What became of everybody, written out so that it adds up; each number opens the people behind it. */
export function Sum({ campaign: c }: { campaign: Campaign }) {
  const words = useWords();
  const f = useFormat();
  const shown = parts.filter((p) => c.counts[p] > 0 || p === 'sent');
  const whole = Math.max(1, c.counts.recipients);
  const going = c.state === 'sending' || c.state === 'launching';
  return (
    <section>
      <Title order={2} mb="xs">
        {going ? words.campaigns.progress : words.campaigns.sum}
      </Title>
      <Stack gap="xs">
        <Progress.Root size="md" aria-label={words.campaigns.progress}>
          {shown.map((p) => (
            <Progress.Section key={p} value={(c.counts[p] / whole) * 100} color={tones[tone[p]]} aria-label={statusIn(words, c.action, p)} />
          ))}
        </Progress.Root>
        <Text className={classes.sum} component="div" aria-live="off">
          <Door filter={{}} className={classes.part} fw={700}>
            {f.number(c.counts.recipients)}
          </Door>
          {' = '}
          {shown.map((p, i) => (
            <span key={p}>
              {i > 0 && ' + '}
              <Door filter={{ status: p }} className={classes.part}>
                {f.number(c.counts[p])} {statusIn(words, c.action, p).toLowerCase()}
              </Door>
            </span>
          ))}
        </Text>
        <Group gap="md">
          {c.action === 'delete' ? null : c.counts.clicked > 0 && !c.forgottenAt ? (
            <Door filter={{ clicked: true }} className={classes.part}>
              {words.campaigns.clickedOf(f.number(c.counts.clicked), f.share(c.counts.clicked, c.counts.sent))}
            </Door>
          ) : (
            <Text size="sm">{words.campaigns.clickedOf(f.number(c.counts.clicked), f.share(c.counts.clicked, c.counts.sent))}</Text>
          )}
          {going && (
            <Text size="sm" c="dimmed">
              {words.numbers.perSecond(f.fraction(c.progress.ratePerSecond))}
              {c.progress.etaSeconds !== undefined && `, ${words.campaigns.left(f.span(c.progress.etaSeconds))}`}
            </Text>
          )}
        </Group>
        {c.action === 'send' && (
          <Text size="xs" c="dimmed">
            {words.campaigns.sentIsNot}
          </Text>
        )}
      </Stack>
    </section>
  );
}

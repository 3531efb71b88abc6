import { Anchor, List, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Campaign, Preflight } from '@/api/generated';
import { useFormat } from '@/ui/format';
import { sayProblem } from '@/words/problem';
import { useWords } from '@/words/words';
import classes from './Sum.module.css';

/** Whom a campaign reaches, as a sum; how long it takes; and all that speaks against it. */
export function Ready({ campaign, check }: { campaign: Campaign; check: Preflight }) {
  const words = useWords();
  const f = useFormat();
  const { reach, overlaps } = check;
  const less = [
    { n: reach.excluded, text: words.campaigns.reachExcluded, chat: undefined },
    { n: reach.inactive, text: words.campaigns.reachInactive, chat: 'inactive' },
    { n: reach.muted, text: words.campaigns.reachMuted, chat: 'muted' },
  ].filter((part) => part.n > 0);
  const of = campaign.audience.groups?.length === 1 ? campaign.audience.groups[0] : undefined;
  const people = (chat?: string) => `/contacts?botId=${campaign.botId}${of ? `&groupId=${of}` : ''}${chat ? `&chat=${chat}` : ''}`;
  const faults = [
    ...check.missing.map((m) => words.campaigns.missing(m.recipients, m.variable)),
    ...check.warnings.map((w) => sayProblem(words, w)),
    ...overlaps.campaigns.map((o) => words.campaigns.overlap(overlaps.about ? words.common.about(f.number(o.recipients)) : f.number(o.recipients), o.name, f.time(o.at))),
    ...(check.stars ? [words.campaigns.stars(f.number(check.stars))] : []),
  ];
  return (
    <Stack gap="xs">
      <Text component="div" className={classes.sum}>
        {words.campaigns.recipients}: <strong>{words.numbers.people(reach.reached)}</strong>
        {' = '}
        <Anchor component={Link} to={people()} className={classes.part}>
          {words.campaigns.reachAudience(f.number(reach.audience))}
        </Anchor>
        {less.map(({ n, text, chat }) => (
          <span key={text('')}>
            {' − '}
            {chat ? (
              <Anchor component={Link} to={people(chat)} className={classes.part}>
                {text(f.number(n))}
              </Anchor>
            ) : (
              text(f.number(n))
            )}
          </span>
        ))}
      </Text>
      {check.durationSeconds !== undefined && reach.reached > 0 && (
        <Text size="sm" c="dimmed">
          {words.campaigns.doneAt(f.span(check.durationSeconds), f.clockAfter(check.durationSeconds))}
        </Text>
      )}
      {faults.length === 0 ? (
        <Text c="dimmed">{words.campaigns.checksGood}</Text>
      ) : (
        <List size="sm">
          {faults.map((fault) => (
            <List.Item key={fault}>{fault}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}

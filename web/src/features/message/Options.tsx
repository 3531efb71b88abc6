import { Accordion, Select, Stack, Switch, TagsInput } from '@mantine/core';
import type { MessageBody, Preview, Version } from '@/api/generated';
import { useWords } from '@/words/words';

interface Props {
  body: MessageBody;
  /** What the language that is written has of it. */
  version: Version;
  readOnly: boolean;
  onChange: (part: Partial<MessageBody>) => void;
  onVersion: (part: Version) => void;
}

const previews = ['auto', 'large', 'small', 'none'] as const;
type Shown = (typeof previews)[number];

/** How a link is shown, of what a message says of it. */
const shownOf = (p: Preview | undefined): Shown => (p?.disabled ? 'none' : p?.large ? 'large' : p?.small ? 'small' : 'auto');

function previewOf(before: Preview | undefined, shown: Shown): Preview | undefined {
  if (shown === 'none') return { disabled: true };
  const rest = { ...(before?.url && { url: before.url }), ...(before?.above && { above: true }), ...(shown !== 'auto' && { [shown]: true }) };
  return Object.keys(rest).length > 0 ? rest : undefined;
}

/** What few messages need: tags, how it arrives, how its links and files are shown. */
export function Options({ body, version, readOnly, onChange, onVersion }: Props) {
  const words = useWords();
  const kind = version.media?.length === 1 ? version.media[0]?.kind : undefined;
  return (
    <Accordion variant="filled" chevronPosition="left">
      <Accordion.Item value="options">
        <Accordion.Control>{words.messages.options}</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="sm">
            <TagsInput label={words.messages.tags} description={words.messages.tagsHint} value={body.tags ?? []} maxTags={20} readOnly={readOnly} onChange={(tags) => onChange({ tags: tags.length > 0 ? tags : undefined })} />
            <Switch label={words.messages.silent} checked={body.silent === true} disabled={readOnly} onChange={(e) => onChange({ silent: e.currentTarget.checked || undefined })} />
            <Switch label={words.messages.protected} checked={body.protected === true} disabled={readOnly} onChange={(e) => onChange({ protected: e.currentTarget.checked || undefined })} />
            <Switch label={words.messages.noUtm} checked={body.noUtm === true} disabled={readOnly} onChange={(e) => onChange({ noUtm: e.currentTarget.checked || undefined })} />
            {(kind === 'photo' || kind === 'video' || kind === 'animation') && (
              <Switch label={words.messages.captionAbove} checked={version.captionAbove === true} disabled={readOnly} onChange={(e) => onVersion({ captionAbove: e.currentTarget.checked || undefined })} />
            )}
            {!version.media && (
              <Select
                label={words.messages.linkPreview}
                data={previews.map((p) => ({ value: p, label: words.messages.linkPreviews[p] }))}
                value={shownOf(version.preview)}
                readOnly={readOnly}
                allowDeselect={false}
                onChange={(p) => onVersion({ preview: previewOf(version.preview, previews.find((one) => one === p) ?? 'auto') })}
              />
            )}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

import { Badge } from '@mantine/core';
import {
  IconAlertCircle, IconBan, IconCheck, IconClock, IconHelpCircle, IconPencil, IconPlayerPause, IconPlayerSkipForward, IconSend, IconX,
} from '@tabler/icons-react';
import { type Tone, tones } from '@/theme';

const looks: Record<string, { tone: Tone; icon: typeof IconCheck; outline?: boolean }> = {
  draft: { tone: 'plain', icon: IconPencil, outline: true },
  scheduled: { tone: 'moving', icon: IconClock, outline: true },
  launching: { tone: 'moving', icon: IconSend },
  queued: { tone: 'plain', icon: IconClock },
  sending: { tone: 'moving', icon: IconSend },
  sent: { tone: 'good', icon: IconCheck },
  finished: { tone: 'good', icon: IconCheck },
  active: { tone: 'good', icon: IconCheck },
  failed: { tone: 'bad', icon: IconX },
  skipped: { tone: 'plain', icon: IconPlayerSkipForward },
  cancelled: { tone: 'plain', icon: IconBan },
  unknown: { tone: 'doubtful', icon: IconHelpCircle },
  paused: { tone: 'doubtful', icon: IconPlayerPause },
  attention: { tone: 'doubtful', icon: IconAlertCircle },
};

/** A state: its word with an icon, in its colour. */
export function Status({ of, children }: { of: string; children: string }) {
  const look = looks[of] ?? { tone: 'plain' as const, icon: IconHelpCircle };
  const Icon = look.icon;
  return (
    <Badge variant={look.outline ? 'outline' : 'light'} color={tones[look.tone]} tt="none" fw={500} size="md" miw="max-content" leftSection={<Icon size={12} aria-hidden />} autoContrast>
      {children}
    </Badge>
  );
}

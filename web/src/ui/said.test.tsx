import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { Refusal } from '@/api/problem';
import { WordsProvider } from '@/words/words';
import { Fault } from './Fault';
import { tellFault } from './notice';

const inUse = new Refusal(409, 'bot_in_use', 'campaign 7 (Autumn) is not over: let it go out or cancel it first');

function show(language: string, error: unknown) {
  localStorage.setItem('bellman.language', language);
  return render(
    <MantineProvider env="test">
      <WordsProvider>
        <Notifications />
        <Fault error={error} />
      </WordsProvider>
    </MantineProvider>,
  );
}

afterEach(() => localStorage.clear());

test.each([
  ['en', inUse, 'campaign 7 (Autumn) is not over: let it go out or cancel it first'],
  ['uk', inUse, 'Розсилка 7 «Autumn» ще не завершена. Дочекайтеся її або скасуйте.'],
  ['ru', inUse, 'Рассылка 7 «Autumn» ещё не завершена. Дождитесь её или отмените.'],
  ['uk', new Refusal(0, 'unreachable', 'Failed to fetch'), 'Сервер не відповідає. Нічого не змінено; спробуйте за мить.'],
  ['uk', new DOMException('The operation was aborted', 'NotAllowedError'), 'Браузер не завершив цього. Спробуйте ще раз, коли будете готові.'],
])('in %s %s is said', async (language, error, sentence) => {
  const { unmount } = show(language, error);
  await screen.findByText(sentence);
  unmount();
});

test('a notice speaks the language of the reader too', async () => {
  const { container, unmount } = show('ru', new Refusal(0, 'unreachable', ''));
  await waitFor(() => expect(container.textContent).toContain('Сервер не отвечает'));
  tellFault(inUse);
  await screen.findByText('Рассылка 7 «Autumn» ещё не завершена. Дождитесь её или отмените.');
  unmount();
});

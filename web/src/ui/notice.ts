import { notifications } from '@mantine/notifications';
import { refusalOf } from '@/api/problem';

/** Says for some seconds that something was done. */
export function tell(message: string) {
  notifications.show({ message, color: 'teal' });
}

/** Says that something was not done, and why. */
export function tellFault(error: unknown) {
  const refusal = refusalOf(error);
  notifications.show({ message: refusal.message, color: 'red', autoClose: 12_000, role: 'alert' });
}

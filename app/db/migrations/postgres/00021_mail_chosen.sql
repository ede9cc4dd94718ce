-- +goose Up
-- Ours: mailin. Letters whose message is not said yet or was taken back, for the sweep: few, however many were sent.
CREATE INDEX mail_letters_chosen ON mail_letters (message_id) WHERE state = 'chosen';

-- +goose Down
DROP INDEX mail_letters_chosen;

<?php
// Signs who is signed in, for the chat INBOX_KEY. The secret stays on your server:
//   HUIYIN_SECRET=… php huiyin_sign.php ID EMAIL PHONE ORDER EXP

function huiyin_hmac(string $text): string {
    return hash_hmac('sha256', $text, getenv('HUIYIN_SECRET') ?: throw new RuntimeException('HUIYIN_SECRET is not set'));
}

// Proves the id only.
function huiyin_id(string $id): string {
    if (preg_match('/^(identity|order|form)\./', $id)) throw new InvalidArgumentException('an id cannot begin like this');
    return huiyin_hmac($id);
}

// Proves id, e-mail and phone until $exp (Unix seconds). What you do not know is an empty text.
function huiyin_identity(string $id, string $email, string $phone, int $exp): string {
    if (str_contains($id . $phone, '.')) throw new InvalidArgumentException('id and phone cannot contain a dot');
    return 'v2=' . huiyin_hmac("identity.$id.$email.$phone.$exp");
}

// Proves that the order is hers, until $exp.
function huiyin_order(string $order, int $exp): string {
    return huiyin_hmac("order.$order.$exp");
}

if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    [, $id, $email, $phone, $order, $exp] = $argv;
    echo huiyin_id($id), "\n", huiyin_identity($id, $email, $phone, (int) $exp), "\n", huiyin_order($order, (int) $exp), "\n";
}

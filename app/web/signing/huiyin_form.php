<?php
// Makes the signed link of a feedback form for an order. The secret stays on your server:
//   HUIYIN_SECRET=… php huiyin_form.php ORDER EXP

// Proves until $exp (Unix seconds) that the order is hers. For the page: data-order, data-exp and data-signature.
function huiyin_form_signature(string $order, int $exp): string {
    $secret = getenv('HUIYIN_SECRET') ?: throw new RuntimeException('HUIYIN_SECRET is not set');
    return hash_hmac('sha256', "form.FORM_KEY.$order.$exp", $secret);
}

function huiyin_form_link(string $order, int $exp): string {
    return 'FORM_LINK?' . http_build_query(['order' => $order, 'exp' => $exp, 'signature' => huiyin_form_signature($order, $exp)]);
}

if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    echo huiyin_form_link($argv[1], (int) $argv[2]), "\n";
}

// Signs who is signed in, for the chat INBOX_KEY. The secret stays on your server:
//   HUIYIN_SECRET=… java HuiyinSign.java ID EMAIL PHONE ORDER EXP
import java.nio.charset.StandardCharsets;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class HuiyinSign {
    static String hmac(String text) throws Exception {
        String secret = System.getenv("HUIYIN_SECRET");
        if (secret == null || secret.isEmpty()) throw new IllegalStateException("HUIYIN_SECRET is not set");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        StringBuilder hex = new StringBuilder();
        for (byte b : mac.doFinal(text.getBytes(StandardCharsets.UTF_8))) hex.append(String.format("%02x", b));
        return hex.toString();
    }

    /** Proves the id only. */
    static String id(String id) throws Exception {
        if (id.matches("(?s)(identity|order|form)\\..*")) throw new IllegalArgumentException("an id cannot begin like this");
        return hmac(id);
    }

    /** Proves id, e-mail and phone until exp (Unix seconds). What you do not know is an empty text. */
    static String identity(String id, String email, String phone, long exp) throws Exception {
        if ((id + phone).contains(".")) throw new IllegalArgumentException("id and phone cannot contain a dot");
        return "v2=" + hmac("identity." + id + "." + email + "." + phone + "." + exp);
    }

    /** Proves that the order is hers, until exp. */
    static String order(String order, long exp) throws Exception {
        return hmac("order." + order + "." + exp);
    }

    public static void main(String[] a) throws Exception {
        long exp = Long.parseLong(a[4]);
        System.out.println(id(a[0]) + "\n" + identity(a[0], a[1], a[2], exp) + "\n" + order(a[3], exp));
    }
}

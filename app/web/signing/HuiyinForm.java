// Makes the signed link of a feedback form for an order. The secret stays on your server:
//   HUIYIN_SECRET=… java HuiyinForm.java ORDER EXP
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class HuiyinForm {
    /** Proves until exp (Unix seconds) that the order is hers. For the page: data-order, data-exp and data-signature. */
    static String signature(String order, long exp) throws Exception {
        String secret = System.getenv("HUIYIN_SECRET");
        if (secret == null || secret.isEmpty()) throw new IllegalStateException("HUIYIN_SECRET is not set");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        StringBuilder hex = new StringBuilder();
        for (byte b : mac.doFinal(("form.FORM_KEY." + order + "." + exp).getBytes(StandardCharsets.UTF_8))) hex.append(String.format("%02x", b));
        return hex.toString();
    }

    static String link(String order, long exp) throws Exception {
        return "FORM_LINK?order=" + URLEncoder.encode(order, StandardCharsets.UTF_8) + "&exp=" + exp + "&signature=" + signature(order, exp);
    }

    public static void main(String[] a) throws Exception {
        System.out.println(link(a[0], Long.parseLong(a[1])));
    }
}

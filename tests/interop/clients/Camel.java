// Sends what a plan says with Apache Camel's MLLP producer: a connection on each line, messages with \r as \\r.
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.mllp.MllpAcknowledgementException;
import org.apache.camel.impl.DefaultCamelContext;

public class Camel {
    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            try (DefaultCamelContext context = new DefaultCamelContext()) {
                context.start();
                ProducerTemplate template = context.createProducerTemplate();
                String endpoint = "mllp://127.0.0.1:" + arguments[0] + "?receiveTimeout=20000";
                for (String text : line.split("\t")) {
                    System.out.println(said(answer(template, endpoint, text.replace("\\r", "\r").getBytes("UTF-8"))));
                }
            }
        }
        System.exit(0);
    }

    private static String answer(ProducerTemplate template, String endpoint, byte[] message) throws Exception {
        try {
            return template.request(endpoint, exchange -> exchange.getIn().setBody(message))
                .getMessage().getHeader("CamelMllpAcknowledgementString", String.class);
        } catch (CamelExecutionException refused) {
            return new String(((MllpAcknowledgementException) refused.getCause()).getHl7AcknowledgementBytes());
        }
    }

    private static String said(String answer) {
        for (String segment : answer.split("\r")) {
            if (segment.startsWith("MSA|")) {
                return segment.split("\\|")[1] + " " + segment.split("\\|")[2];
            }
        }
        throw new IllegalStateException("no MSA");
    }
}

// Sends what a plan says with HAPI's initiator: a connection on each line, its messages with \r written as \\r.
import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.app.Connection;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.NoValidation;
import java.nio.file.Files;
import java.nio.file.Path;

public class Hapi {
    public static void main(String[] arguments) throws Exception {
        try (DefaultHapiContext context = new DefaultHapiContext()) {
            context.setValidationContext(new NoValidation());
            for (String line : Files.readAllLines(Path.of(arguments[1]))) {
                Connection connection = context.newClient("127.0.0.1", Integer.parseInt(arguments[0]), false);
                connection.getInitiator().setTimeout(20, java.util.concurrent.TimeUnit.SECONDS);
                for (String text : line.split("\t")) {
                    Message message = context.getPipeParser().parse(text.replace("\\r", "\r"));
                    Terser answer = new Terser(connection.getInitiator().sendAndReceive(message));
                    System.out.println(answer.get("/MSA-1") + " " + answer.get("/MSA-2"));
                }
                connection.close();
            }
        }
        System.exit(0);
    }
}

"""What people say in answers, in the languages of our readers: yes, no, courtesies, objections, absence.

English, Welsh, French, German, Spanish, Italian, Dutch, Polish, Portuguese, Romanian, Swedish, Danish,
Norwegian, Finnish, Czech, Hungarian, Greek, Turkish, Ukrainian, Russian, Arabic, Urdu, Punjabi, Chinese and
Japanese. `phrases` says how the lists are written.
"""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.phrases import any_phrase, fold, listed, phrase_set

# -- yes ------------------------------------------------------------------------------------------------

YES: Final = phrase_set("""
yes, yep, yeah, yes it was me, yes that was me, it was me, that was me, thats right, okey, yes i do, yes i am, yes i did, yes i want it, sure, ok, okay, y, agreed, i agree, i accept, accept, accepted
confirm, confirmed, i confirm, i do confirm, i confirm this, i confirm it, i confirm that, confirming, go ahead, count me in
i confirm my subscription, i confirm the subscription, confirm my subscription, confirm subscription, i would like to confirm
i want to confirm, i wish to confirm, happy to confirm, i want this, i want it, i want to subscribe, i would like to subscribe
i would like to receive this, i would like to receive it, i would like to receive the emails, i want to receive this
i want to receive it, i want to receive the emails, i want the emails, id like to confirm my subscription, id like to subscribe, i would like this
subscribe, subscribe me, please subscribe me, sign me up, please sign me up, add me, please add me, yes please, please do
i/we/i_hereby/we_hereby/hereby confirm my/our/the/this subscription/registration/sign-up/request, i/we agree, we confirm, i/we hereby confirm, hereby confirmed
confirm/confirming my/the/this subscription/registration/request, i can confirm, i can confirm this, i am happy to confirm
yes i confirm my/the/this email/e-mail/address, i confirm my/this email/e-mail/address, please confirm my/the subscription
register me, sign me up for this, subscribe me to this, add me to the/your/this list/mailing_list, please register/include me
i would like to be added/subscribed/registered, i would like to sign up/join, i want to sign up/join, i did sign up, i did subscribe
i_would/id like to receive/get the/this/your/these daily/ email/emails/digest/newsletter/updates, yes thats/thats/that_is/this_is correct/right, correct
yes this is/was me, this was me, yes its me, yup, of course, absolutely, certainly, definitely, affirmative, approved, i approve, please go ahead, i do
cadarnhaf, rwy’n/rwyf/dwi’n yn/wedi cadarnhau, cadarnhaf fy nhanysgrifiad, rwy’n cadarnhau fy nhanysgrifiad, wrth gwrs, ie ydw, ie cadarnhaf
rwy’n cytuno, dwi’n cytuno, cytuno, hoffwn dderbyn hwn, hoffwn danysgrifio, iawn gen i, dwi eisiau hwn, ie fi oedd e
ie, iawn, ydw, cadarnhau, rwyn cadarnhau, rwy’n cadarnhau, dwi’n cadarnhau, hoffwn, ie hoffwn
oui, oui je veux, je veux recevoir, d’accord, je confirme, je confirme mon inscription, confirmé, oui je confirme, bien sûr
je confirme mon abonnement/adresse, je confirme l’abonnement/l’inscription/l’adresse, ok pour moi, oui bien sûr, ouais, oui volontiers, volontiers
je suis d’accord, j’accepte, j’accepte de recevoir, c’est bien moi, oui c’est bien moi, oui c’est moi, inscrivez-moi, je confirme ma demande
jep, jo, jupp, klar, na klar, natürlich, selbstverständlich, passt, ja passt, stimmt, ja stimmt, ja das war ich, das war ich, bitte eintragen, ja natürlich
ich bestätige die/diese/das anmeldung/abonnement/abo/registrierung, ich bestätige das, ich bestätige dies, ich stimme zu, ich bin einverstanden
ich möchte mich anmelden, ich möchte mich registrieren, melden sie mich an, bitte melden sie mich an, anmeldung bestätigt
ja, jawohl, bitte anmelden, ich möchte den newsletter erhalten, ich bestätige, ich bestaetige, bestätigt, bestaetigt, bestätige, hiermit bestätige ich, einverstanden, gerne, ja gerne
ich bestätige meine anmeldung, hiermit bestätige ich meine anmeldung, ja gern, bestätigung
sí, quiero recibirlo, quiero recibirlos, confirmo, de acuerdo, confirmado, confirmada, vale, sí quiero, confirmo mi suscripción, confirmo la suscripción
sí/si confirmo, claro, claro que sí, por supuesto, confirmo mi/la inscripción/solicitud/registro, acepto, sí acepto, estoy de acuerdo, soy yo, sí soy yo, correcto
quiero suscribirme, deseo suscribirme, quiero recibir el boletín, deseo recibirlo, suscríbanme, suscríbame
sì confermo, certamente, assolutamente sì, accetto, sì accetto, confermo la/questa mia iscrizione/richiesta, confermo la richiesta, sono io, sì sono io, d’accordo confermo
desidero iscrivermi, voglio iscrivermi, vorrei iscrivermi, iscrivetemi, esatto, sì grazie
sì, confermo, va bene, d’accordo, confermato, certo, confermo la mia iscrizione, confermo l’iscrizione
ik ga akkoord, akkoord en bevestigd, ik ben akkoord, ja akkoord, jazeker, zeker, natuurlijk, ja prima, ja dat klopt, ja hoor, klopt, ik bevestig het/dit, dat was ik, ja dat was ik
ik bevestig de/mijn aanmelding/inschrijving/abonnement, ik bevestig het/mijn abonnement, schrijf mij/me in, schrijf mij/me maar in, meld mij/me aan, ik wil mij/me aanmelden, ik wil me inschrijven
ik bevestig, bevestigd, akkoord, ja graag, graag, ik bevestig mijn inschrijving, dat klopt
tak potwierdzam, tak proszę, tak poproszę, potwierdzam, zgadzam się, potwierdzam subskrypcję, tak chcę
no jasne, jasne, pewnie, no pewnie, oczywiście, jak najbardziej, dobrze, w porządku, tak jest, tak to ja, to ja, tak oczywiście, potwierdzam zapis, potwierdzam rejestrację
potwierdzam swoją/moją subskrypcję, akceptuję, tak zgadzam się, proszę mnie zapisać, proszę o zapisanie, chcę otrzymywać newsletter, chcę się zapisać
pode confirmar, sim pode confirmar, claro, claro que sim, com certeza, está confirmado, aceito, sim aceito, concordo, sou eu, sim sou eu, quero receber, sim quero, correto, correcto
quero subscrever, sim quero subscrever, quero inscrever-me, desejo subscrever, confirmo o registo/cadastro/pedido, confirmo a/minha inscrição/assinatura, confirmo a minha inscrição, eu confirmo
sim, confirmo a subscrição, confirmo a inscrição, confirmo a minha subscrição, sim confirmo, certo
confirm înscrierea, da confirm, da sunt de acord, accept, da vreau, doresc să mă abonez, vreau să mă abonez, sigur, da sigur, eu sunt, da eu sunt
absolut, självklart, ja självklart, ja det stämmer, det stämmer, det var jag, jag godkänner, godkänns, jag vill prenumerera, jag bekräftar min/mitt prenumeration/anmälan
selvfølgelig, ja selvfølgelig, naturligvis, det er rigtigt, det er mig, det var mig, det er riktig, det var meg, jeg godkender, jeg godtar, jeg bekræfter min/mit tilmelding/abonnement, jeg bekrefter påmeldingen/abonnementet
kyllä, kyllä kiitos, joo, juu, kyllä vahvistan, vahvistan, vahvistan tilauksen, vahvistan tilaukseni, vahvistettu, hyväksyn, kyllä hyväksyn, totta kai, tottakai, selvä juttu, haluan tilata, minä se olin, sopii, ilman muuta
ano, ano potvrzuji, ano potvrzuju, potvrzuji, potvrzuju, potvrzuji odběr, potvrzuji přihlášení, potvrzeno, souhlasím, ano souhlasím, ano prosím, jasně, jasně že ano, samozřejmě, určitě, ano chci, ano to jsem já, přihlaste mě
igen megerősítem, igen kérem a hírlevelet, megerősítem, megerősítve, megerősítem a feliratkozást, megerősítem a feliratkozásomat, igen kérem, igen köszönöm, jóváhagyom, elfogadom, igen én voltam, rendben, persze, igen persze, természetesen, egyetértek, igen szeretném, feliratkozom
ναι, ναι επιβεβαιώνω, επιβεβαιώνω, το επιβεβαιώνω, επιβεβαιώνω την εγγραφή, επιβεβαιώνω την εγγραφή μου, επιβεβαιώνεται, συμφωνώ, ναι συμφωνώ, αποδέχομαι, εντάξει, βεβαίως, φυσικά, ναι παρακαλώ, ναι θέλω, εγώ ήμουν, σωστά
evet, evet onaylıyorum, onaylıyorum, onaylarım, onay veriyorum, onaylandı, aboneliğimi onaylıyorum, üyeliğimi onaylıyorum, kaydımı onaylıyorum, kabul ediyorum, evet kabul ediyorum, tamam, olur, tabii, tabii ki, tabi ki, elbette, evet lütfen, evet istiyorum, evet bendim, kaydolmak istiyorum, doğru
так звісно, звісно, звичайно, так звичайно, авжеж, гаразд, добре, ок, підтверджую підписку, підтверджую реєстрацію, підтверджую свою/мою підписку, так це я, це я, погоджуюсь, погоджуюся, так хочу, підпишіть мене
da, confirm abonarea, sunt de acord, de acord, desigur
jag bekräftar, bekräftar, bekräftat, ja gärna, gärna, visst, javisst
meget gerne, jeg bekræfter, bekræfter, bekræftet, jeg bekrefter, bekrefter, bekreftet, ja gerne, ja meget gerne
так підтверджую, підтверджую, згоден, згодна, так будь ласка, так
да, да подтверждаю, да конечно, конечно, ок, окей, ага, подтверждаю подписку, подтверждаю регистрацию, подтверждаю свою/мою подписку, да это я, это я, подтверждено, да хочу, согласна, подпишите меня, верно, да верно
да, подтверждаю, согласен, согласна, хорошо
نعم, أؤكد, نعم أؤكد, موافق, موافقة, حسنا, أؤكد الاشتراك, تأكيد
أجل, نعم موافق, نعم موافقة, أوافق, نعم أوافق, أنا موافق, أنا موافقة, أؤكد اشتراكي, نعم أؤكد اشتراكي, أؤكد ذلك, تم التأكيد, بالتأكيد, نعم بالتأكيد, أكيد, طبعا, تمام, أقبل, نعم أريد الاشتراك, أريد الاشتراك, نعم أنا, مؤكد, نعم من فضلك
جی, جی بالکل, بالکل, جی ضرور, ضرور, منظور ہے, مجھے منظور ہے, قبول ہے, درست ہے, جی درست, ہاں بالکل, تصدیق کرتا/کرتی ہوں, جی ہاں تصدیق کرتا/کرتی ہوں, میں اپنی رکنیت کی تصدیق کرتا/کرتی ہوں, میں متفق ہوں, جی ہاں میں ہی ہوں
theek hai, thik hai, bilkul, ji bilkul, haan ji bilkul, main tasdeeq karta/karti hoon, manzoor hai, hanji, haanji
ਹਾਂਜੀ, ਠੀਕ, ਬਿਲਕੁਲ, ਹਾਂ ਬਿਲਕੁਲ, ਜ਼ਰੂਰ, ਮੈਂ ਪੁਸ਼ਟੀ ਕਰਦਾ/ਕਰਦੀ ਹਾਂ, ਪੁਸ਼ਟੀ ਕਰਦਾ/ਕਰਦੀ ਹਾਂ, ਸਹਿਮਤ, ਮੈਂ ਸਹਿਮਤ ਹਾਂ, ਮਨਜ਼ੂਰ ਹੈ, ਮੈਨੂੰ ਮਨਜ਼ੂਰ ਹੈ
是, 是的, 对, 好, 好的, 确认, 我确认, 是的我确认, 确认订阅, 我确认订阅, 我要确认, 同意, 我同意, 可以, 行, 没错, 是我, 是我本人, 请订阅, 我要订阅, 我想订阅, 我愿意, 愿意, 当然, 已确认
對, 確認, 我確認, 是的我確認, 確認訂閱, 我確認訂閱, 沒錯, 請訂閱, 我要訂閱, 我想訂閱, 我願意, 願意, 當然, 已確認, 好的我確認
はい, ええ, はいお願いします, はいお願いいたします, はい登録します, 登録します, 登録をお願いします, 登録お願いします, 登録をお願いいたします, 登録してください, 登録を希望します, 希望します, 購読します, 購読を希望します
購読をお願いします, 配信を希望します, 配信をお願いします, 同意します, 承認します, 承認, 間違いありません, はい間違いありません, 私です, はい私です, 私が登録しました, はい承認します, 登録を承認します
جی ہاں, ہاں, ہاں جی, ٹھیک ہے, میں تصدیق کرتا ہوں, میں تصدیق کرتی ہوں, تصدیق
ji haan, haan ji, haan, ji han, han ji
ਹਾਂ, ਹਾਂ ਜੀ, ਜੀ ਹਾਂ, ਠੀਕ ਹੈ
i/we want/wish to receive/get the/your/these/ daily/ digest/newsletter/emails/email/updates, that_is/thats/that_was fine/ok/okay/me, i want to confirm it, happy/glad to subscribe/join/receive_it/receive_this
i would_like/want/wish to subscribe/sign_up to/for the/this/ list/newsletter/digest/emails/service, sign/put me up/down for the/this/ digest/newsletter/list, i confirm that/ i want/would_like to receive/get these/the/your emails/newsletter/digest
je souhaite/veux/voudrais recevoir la/les/vos/cette lettre/newsletter/mails/e-mails, je veux bien, c’est bon/exact/correct, c’est bon pour moi, je souhaite/veux/voudrais m’inscrire/m’abonner
ich möchte/will den/diesen/ihren newsletter gerne/gern/ erhalten/bekommen/abonnieren, das bin ich, ich möchte/will die mails/e-mails/nachrichten gerne/gern/ erhalten/bekommen, ich möchte gerne/gern/ abonnieren, das ist richtig, in ordnung
quiero/deseo recibir los/sus correos/mensajes/boletines, está bien, es correcto
vorrei/voglio/desidero ricevere le/la/vostra email/mail/newsletter/comunicazioni, va benissimo
ik wil graag/ de/deze/jullie/uw mails/e-mails/nieuwsbrief/berichten graag/ ontvangen/krijgen, dat ben ik, dat is goed, is goed
chcę/chciałbym/chciałabym otrzymywać/dostawać wiadomości/newsletter/maile/je/biuletyn
confirmo o/ meu registo/pedido/cadastro, quero/desejo receber os/a/o emails/e-mails/newsletter/boletim
doresc/vreau abonarea/newsletterul/buletinul, doresc/vreau să primesc mesajele/emailurile/newsletterul/buletinul
jag vill gärna/ ha/få mejlen/mailen/nyhetsbrevet/breven/det
jeg vil gerne modtage/have/få nyhedsbrevet/mails/dem/det, jeg vil gjerne ha/motta/få nyhetsbrevet/e-postene/det/dette
haluan tilata/vastaanottaa uutiskirjeen/sähköpostit/sen/tämän/viestit
chci/chtěl_bych/chtěla_bych odebírat/dostávat newsletter/zprávy/to/, to jsem já
kérem a hírlevelet/értesítéseket/feliratkozást, szeretnék feliratkozni, szeretném megkapni, én voltam
θέλω να εγγραφώ/λαμβάνω/το_λαμβάνω, είμαι εγώ
abone/kayıt/üye olmak istiyorum, e-postaları/bülteni/bunu almak istiyorum, bendim
хочу отримувати розсилку/листи/дайджест/
хочу получать рассылку/письма/дайджест/
مجھے چاہیے, مجھے یہ چاہیے
そうです, はいそうです
""")

COURTESY: Final = phrase_set("""
please, pls, plz, thanks, thank you, many thanks, thanks a lot, thanks very much, thank you very much, ta, cheers, hi, hello, hey
good morning, good afternoon, good evening, hi there, hello there, dear sir or madam, dear all, hi all, hello all, hi team
os gwelwch yn dda, plis, diolch, diolch yn fawr, bore da, prynhawn da, helo
s’il vous plaît, s’il te plaît, svp, stp, merci, merci beaucoup, bonjour, bonsoir, salut
bitte, danke, vielen dank, danke schön, hallo, guten tag, guten morgen, guten abend, moin, servus, grüezi
por favor, gracias, muchas gracias, hola, buenos días, buenas tardes, buenas
per favore, per piacere, grazie, grazie mille, buongiorno, buonasera, salve, ciao
alstublieft, alsjeblieft, aub, bedankt, dank u, dank u wel, dank je, dank je wel, goedemorgen, goedemiddag, goedendag, hoi, beste
proszę, dziękuję, dzięki, dzień dobry, witam, cześć
obrigado, obrigada, muito obrigado, muito obrigada, olá, bom dia, boa tarde, boa noite
vă rog, te rog, mulțumesc, vă mulțumesc, mersi, bună ziua, bună, salut
tack, tack så mycket, tack för hjälpen, hej, hejsan, god morgon, snälla, vänligen
tak, mange tak, takk, tusen takk, mange takk, hej, hei, god morgen, god dag, venligst, vennligst, vær så snill
будь ласка, дякую, щиро дякую, добрий день, доброго дня, вітаю, привіт
пожалуйста, спасибо, большое спасибо, добрый день, здравствуйте, привет
من فضلك, لو سمحت, شكرا, شكرا لك, شكرا جزيلا, مرحبا, السلام عليكم
براہ کرم, براہ مہربانی, شکریہ, بہت شکریہ, السلام علیکم
ਕਿਰਪਾ ਕਰਕੇ, ਧੰਨਵਾਦ, ਸਤ ਸ੍ਰੀ ਅਕਾਲ, shukriya, adaab
many thanks indeed, thanks again, thank you so much, all good, good day, merci d’avance, danke sehr, besten dank, herzlichen dank, mulțumesc frumos, vielen lieben dank, merci bien
kiitos, kiitos paljon, hei, moi, terve, hyvää päivää, hyvää huomenta, děkuji, děkuju, díky, moc děkuji, dobrý den, ahoj, prosím
köszönöm, köszönöm szépen, köszi, kérem, jó napot, jó napot kívánok, szia, helló, üdvözlöm, ευχαριστώ, σας ευχαριστώ, ευχαριστώ πολύ, παρακαλώ, καλημέρα, καλησπέρα, γεια σας, γεια
teşekkürler, teşekkür ederim, çok teşekkürler, sağ olun, lütfen, merhaba, merhabalar, selam, iyi günler, günaydın, 谢谢, 谢谢您, 谢谢你, 多谢, 感谢, 您好, 你好, 请, 謝謝, 謝謝您, 多謝, 感謝, 請
ありがとう, ありがとうございます, お願いします, お願いいたします, お願い致します, よろしくお願いします, よろしくお願いいたします, 宜しくお願いします, 宜しくお願いいたします, よろしくお願い致します, こんにちは, お世話になっております, お世話になります, おはようございます
اهلا, تحية طيبة, جزيل الشكر, شكرا لكم, از راہ کرم, مہربانی
""")

ASKS: Final = phrase_set("""
please confirm, can you confirm, could you confirm, please confirm this, can i confirm, please confirm it, 请确认, 請確認
""")
"""What looks like a yes with a courtesy, and asks us to confirm something."""

AMBIGUOUS: Final = {
    "tak": re.compile(
        rf"\b(?:{any_phrase('napisał~, pisze, użytkownik, wysłano, temat, pozdrawiam, z poważaniem, dziękuję, proszę, dzień, dobry')})\b"
    ),
    "igen": re.compile(
        rf"\b(?:{any_phrase('írta, feladó, tárgy, címzett, üdvözlettel, köszönöm, kérem, üdv, küldve')})\b"
    ),
}
"""Words that say yes only in a text with signs of one language: "tak" is Polish for "yes" and Danish for "thanks", and
"igen" is Hungarian for "yes" and Swedish for "again"."""

_GREETINGS: Final = (
    rf"(?:{any_phrase('hi, hello, hey, dear, good morning, good afternoon, helo, annwyl, bonjour, madame, monsieur, chère, cher')}"
    rf"|{any_phrase('hallo, guten tag, liebe, lieber, liebes, sehr geehrte, sehr geehrter, hola, estimado, estimada, estimados')}"
    rf"|{any_phrase('buongiorno, gentile, gentili, salve, ciao, beste, geachte, goedemorgen, dzień dobry, szanowni państwo, witam')}"
    rf"|{any_phrase('olá, bom dia, boa tarde, caro, cara, bună ziua, bună, stimată, stimate, hej, hei, kära, kære, kjære')}"
    rf"|{any_phrase('добрий день, доброго дня, шановні, добрый день, здравствуйте, уважаемые, مرحبا, عزيزي, السلام عليكم')}"
    rf"|{any_phrase('hyvä, hyvät, hei, moi, terve, dobrý den, vážení, vážený, tisztelt, kedves, jó napot, αγαπητοί, αγαπητέ, αξιότιμοι, γεια σας')}"
    rf"|{any_phrase('καλημέρα, merhaba, sayın, 您好, 你好, 尊敬的~, こんにちは, お世話になっております')})"
)
GREETING: Final = re.compile(rf"{_GREETINGS}(?: \w+){{0,5}}")
_ADDRESSED: Final = any_phrase("""
there, all, team, both, everyone, everybody, inspections, sir, madam, sirs, or, colleague, colleagues, noon, inspections, at, the, and, digest
zusammen, damen, und, herren, team, geehrte, sehr, madame, monsieur, mesdames, messieurs, tous, à, todos, a, tutti, allen, wszystkim, signori, señores, señor, señora
heer, mevrouw, państwo, senhores, alla, alle, всім, колеги, коллеги
""")
GREETING_ALONE: Final = re.compile(rf"{_GREETINGS}(?: (?:{_ADDRESSED}))*")
"""A greeting that certainly says nothing else: "Hello team"."""

# -- no -------------------------------------------------------------------------------------------------

NO: Final = phrase_set("""
of course not, sure not, not at all, 不, 不是, 不要, 不用, 不用了, 不需要, 不同意, 不确认, 不確認, 拒绝, 拒絕, 没兴趣, 沒興趣, いいえ, いえ, 結構です, いいえ結構です, 不要です, いりません, 必要ありません
ei, en, ei kiitos, en halua, en vahvista, en hyväksy, ei kiinnosta, ne, ne děkuji, ne díky, nechci, nesouhlasím, nepotvrzuji, nikdy, nem, nem köszönöm, nem kérem, nem kérek, nem akarom, soha, nem erősítem meg
όχι, όχι ευχαριστώ, ποτέ, δεν θέλω, δεν επιβεβαιώνω, δεν συμφωνώ, hayır, hayir, hayır teşekkürler, istemiyorum, onaylamıyorum, kabul etmiyorum, asla, ilgilenmiyorum, yok
no, nope, nah, no thx, no ta, absolutely not, definitely not, certainly not, please dont, please do not, no no, no way, never, no thanks, no thank you, not me, it was not me, not interested, nothing, none, stop, n, no more
i decline, declined, decline, refuse, i refuse, i do not, i do not confirm, i dont, i dont confirm, not confirmed, denied, go away
na, nage, dim, dim diolch, nac ydw, dydw i ddim, nid fi, peidiwch
non, je refuse, non merci, pas du tout, jamais, aucun intérêt, pas intéressé, pas intéressée, stop svp, surtout pas
nein, nein danke, nee danke, niemals, kein interesse, auf keinen fall, ich nicht, stopp, nö
no gracias, no soy yo, en absoluto, jamás, no me interesa, no confirmo
no grazie, non confermo, assolutamente no, mai, non mi interessa, basta
nee, nee bedankt, nee dank u, nee dank je, geen interesse, geen belangstelling, nooit, zeker niet
nie, nie dziękuję, nie dzięki, nigdy, nie potwierdzam, nie chcę, nie jestem zainteresowany, nie jestem zainteresowana
não, não obrigado, não obrigada, nunca, não confirmo, não quero, sem interesse, nao
nu, nu mulțumesc, nu multumesc, niciodată, nu confirm, nu vreau, nu mersi
nej, nej tack, aldrig, inte intresserad, nej tak, ikke interesseret, nei, nei takk, aldri, ikke interessert, ellers tak
ні, ні дякую, ніколи, не цікавить, не підтверджую, не треба
нет, нет спасибо, никогда, не интересует, не подтверждаю, не надо, не нужно, стоп
لا, لا شكرا, كلا, أبدا, لا أريد, لا اريد, غير مهتم, توقف
نہیں, جی نہیں, نہیں شکریہ, نہیں چاہیے, بند کرو, بند کریں
nahi, nahin, ji nahi, ji nahin
ਨਹੀਂ, ਨਹੀਂ ਜੀ, ਜੀ ਨਹੀਂ, ਨਹੀਂ ਧੰਨਵਾਦ
""")

LEAVE: Final = phrase_set("""
poista, poistakaa, peruuta, peruuttakaa, lopettakaa, lopeta, peru tilaus, odhlásit, odhlaste, odhlášení, zrušit, zrušte, smazat, smažte, vymažte, leiratkozás, leiratkozom, leiratkozni, törlés, törölje, töröljék, lemondom
διαγραφή, διαγράψτε, απεγγραφή, ακύρωση, σταματήστε, iptal, sil, silin, çık, abonelikten çık, aboneliği iptal et, 退订, 取消订阅, 取消, 退訂, 取消訂閱, 停止, 配信停止, 解除, 登録解除, 退会, 購読解除, 購読停止, 削除
unsubscribe, unsubscribed, remove, delete, cancel, opt out, opt-out, optout, leave, stop, signoff, sign off, stop it, stop this, stop now
dad-danysgrifio, dad danysgrifio, datdanysgrifio, tynnwch fi, canslo, dileu
désabonner, désinscrire, désabonnement, désinscription, désinscrivez, désabonnez, me désabonner, me désinscrire, retirez, arrêtez, arrêter
supprimer, annuler, stopper, se désabonner, se désinscrire
abmelden, abmeldung, austragen, abbestellen, kündigen, abbestellung, löschen, stornieren, newsletter abmelden, bitte austragen
baja, darme de baja, dar de baja, cancelar, cancelar suscripción, eliminar, borrar, quiten, quítenme, bórrenme, parar, basta
cancellami, cancellatemi, cancellazione, disiscrizione, disiscrivimi, disiscrivetemi, annulla, rimuovere, rimuovetemi, rimuovimi, elimina
uitschrijven, afmelden, opzeggen, verwijderen, annuleren, schrijf mij uit, meld mij af
wypisz, wypisać, wypiszcie, rezygnuję, rezygnacja, usuń, usunąć, anuluj, wyrejestruj, wypisz mnie
cancelar subscrição, cancelar inscrição, remover, remova, descadastrar, desinscrever, pare, parem, retirem, anular
dezabonare, dezabonați, dezabonează, mă dezabonez, dezabonați-mă, anulare, ștergeți, opriți
avregistrera, avsluta, avanmäl, avprenumerera, ta bort, sluta, avbryt, säg upp
afmeld, afmelding, frameld, slet, stop, opsig, meld mig af, meld meg av, avmeld, meld av, avslutt, fjern, slett, stans
відписатися, відпишіть, відписати, видаліть, скасувати, скасуйте, відмовляюся, припиніть
отписаться, отпишите, отписать, удалите, отмените, отказываюсь, прекратите, отмена, отписка
إلغاء الاشتراك, الغاء الاشتراك, إلغاء, احذف, احذفني, ألغ اشتراكي, أوقف, توقفوا
رکنیت ختم کریں, ان سبسکرائب, مجھے نکال دیں, ختم کریں, ہٹا دیں
ਅਨਸਬਸਕ੍ਰਾਈਬ, ਹਟਾਓ, ਬੰਦ ਕਰੋ
""")

OBJECT: Final = phrase_set("""
me, us, my email, my e-mail, my address, my email address, my name, my details, my data, this address, this email, this email address
from this list, from your list, from the list, from this mailing list, from your mailing list, from your mailing, from all lists, from this
from all, from your emails, this, it, all, now, immediately, at once, asap, today, again, my subscription, the subscription, subscription
these emails, these mails, this list, this newsletter, the newsletter, newsletter, emails, email, mails, all emails, list, your list, your emails
off this list, off your list, off the list, myself, everything, my account, all of it, off, this request, my request, the request, request
mi, mich, mir, uns, meine adresse, meine mailadresse, meine e-mail-adresse, meine daten, mein abo, aus dem verteiler, aus der liste, sofort
diese adresse, den newsletter, dieses abo, vom newsletter, von der liste, hier, das abo, abo, aus ihrem verteiler, aus ihrer liste
moi, mon adresse, mon email, mon mail, mes données, de la liste, de votre liste, de cette liste, immédiatement, tout de suite, cette adresse
mi correo, mi dirección, mis datos, de la lista, de su lista, de esta lista, inmediatamente, esta dirección, de esto, suscripción
il mio indirizzo, la mia email, i miei dati, dalla lista, dalla vostra lista, da questa lista, subito, questo indirizzo, l’iscrizione
mij, mijn adres, mijn e-mailadres, mijn gegevens, van de lijst, van deze lijst, van uw lijst, direct, dit adres, graag
mnie, mój adres, mojego adresu, mój mail, moje dane, z listy, z tej listy, natychmiast, ten adres, z subskrypcji, subskrypcję
o meu email, meu email, o meu endereço, meu endereço, os meus dados, da lista, da vossa lista, desta lista, imediatamente, a subscrição
adresa mea, emailul meu, datele mele, de pe listă, din listă, imediat, abonarea
mig, min adress, min e-post, mina uppgifter, från listan, genast, nu, prenumerationen, min adresse, min mail, fra listen, straks, meg, nå
мене, мою адресу, мої дані, зі списку, з розсилки, негайно, від розсилки, від цього
меня, мой адрес, мои данные, из списка, из рассылки, немедленно, от рассылки, от этого, рассылку
بريدي, عنواني, اسمي من القائمة, من القائمة, من قائمتكم, فورا, اشتراكي
fi, fy enw, fy nghyfeiriad, o’r rhestr, nawr, ar unwaith
""")

OBJECTION: Final = any_phrase("""
remove me, unsubscribe me, unsubscribe us, delete me, take me off, take us off, take * off * list, take * address off, opt me out, stop this email~
remove my, remove this address, remove this email, remove * from * list, delete my, delete this address, cancel my, cancel this, cancel the subscription
stop sending, stop emailing, stop mailing, stop writing, stop contacting, stop spamming, stop messaging, stop bothering, stop these, stop this
never write to me, never write me, never contact me, never email me, never send me, never again, do not ever, please stop, stop please, used my address, used my email, want off, name off
never asked, never requested, never signed up, never sign up, never subscribed, never registered, never agreed, never ordered, never applied
never heard of you, did not ask, didnt ask, did not request, didnt request, did not sign up, didnt sign up, did not subscribe, didnt subscribe
did not register, didnt register, did not order, didnt order, did not agree, didnt agree, did not sign, didnt sign, did not want, didnt want
did not consent, didnt consent, did not give * consent, did not give * permission, did not apply, didnt apply, did not do this, didnt do this
have not asked, havent asked, have not requested, havent requested, have not signed up, havent signed up, have not subscribed, havent subscribed
haven’t registered, have not registered, do not send, dont send, do not email, dont email, do not mail, dont mail, do not contact, dont contact
do not write, dont write, do not want this, dont want this, do not want it, dont want it, do not want any, dont want any, do not want your, dont want your
do not want these, dont want these, do not want to receive, dont want to receive, do not want to get, dont want to get, do not want to be
dont want to be, do not want to subscribe, dont want to subscribe, do not want to join, dont want to join, do not want emails, dont want emails
do not want anything, dont want anything, do not wish to, dont wish to, do not subscribe, dont subscribe, do not sign me, dont sign me, do not add me
dont add me, not interested, no longer wish, no longer want, no longer interested, wasnt me, was not me, isnt for me, is not for me, not for me
leave me alone, leave us alone, go away, get lost, piss off, fuck off, want to unsubscribe, want to leave, want to cancel, want to opt out, want to be removed
wish to unsubscribe, wish to leave, wish to cancel, wish to be removed, like to unsubscribe, like to leave, like to be removed, like to cancel, like to opt out
this is spam, wrong person, wrong address, wrong email, want out, without my consent, without my permission, no thank you, no thanks
did not make this, didnt make this, did not make that, didnt make that, did not make the, didnt make the, did not make any, didnt make any, not made this, not made any, never made this, never made any
do not want to confirm, dont want to confirm, do not wish to confirm, do not confirm, dont confirm, am not confirming, im not confirming, will not confirm, not consent, do not agree, dont agree, do not need, dont need, do not require, dont require
never wanted, not want this, not want it, not want to receive, not want to be, not want any, not wish to, not sign up, not signed up, not subscribe to, not subscribed to, not subscribed myself, not request~ this, not ask~ for, not my doing
not what i asked for, withdraw my, i object, i withdraw, changed my mind, someone else used my, somebody else used my, not mine, no need for this, please unsubscribe
wnes i ddim gofyn, ddim wedi gofyn, ddim wedi cofrestru, dydw i ddim eisiau, dwi ddim eisiau, tynnwch fi, tynnwch fy, dad-danysgrifi~, dim diolch, heb ofyn, peidiwch ag anfon, peidiwch â
rien demandé, pas demandé, jamais demandé, jamais inscrit~, pas inscrit~, pas souscrit, jamais souscrit, ne veux pas, ne veux plus, ne souhaite pas
ne souhaite plus, ne désire pas, pas intéressé~, me désabonner, me désinscrire, désabonnez-moi, désinscrivez-moi, retirez-moi, retirer de, me retirer
supprimez-moi, supprimez mon, supprimer mon, supprimer mes, enlevez-moi, m’enlever de, arrêtez de, cessez de, laissez-moi tranquille, plus rien recevoir, non merci
ne pas vouloir, ne pas souhaiter, ne pas être inscrit~, ne pas avoir demandé, ne veux rien, ne souhaite rien, ne désire rien, ne veux aucun~, ne souhaite aucun~, ne rien recevoir, ne veux recevoir aucun~, ne veux ni, n’ai jamais demandé, n’ai jamais souhaité
n’ai pas fait, n’ai rien, ne suis pas à l’origine, ne suis pas inscrit~, ne me suis jamais
ne m’envoyez, ne plus recevoir, ne plus m’écrire, sans mon consentement, me rayer, c’est pas moi, ce n’est pas moi, ne m’écrivez
keine weiteren, nicht registriert, nie registriert, nicht angemeldet, nie angemeldet, nirgends angemeldet, niemals angemeldet, nirgendwo angemeldet, nicht bestellt, nie bestellt, nichts bestellt, nicht angefordert
nie angefordert, nichts angefordert, nicht darum gebeten, nie darum gebeten, nicht abonniert, nie abonniert, will * nicht, möchte * nicht, moechte * nicht
keinen * möchte, keine * möchte, kein * möchte, keinen * will, keine * will, kein * will, keinen * wünsche, keine * wünsche, nicht möchte, nicht will, nicht wünsche, nicht einverstanden, nicht gewünscht, nicht gewollt, nie gewollt
nicht zu wollen, keinen * abonniert, keinen * bestellt, keine * bestellt, keine * gestellt, keinen * erhalten möchte, nicht erhalten möchte, nichts erhalten, nicht gestellt
möchte keine~, will keine~, wünsche keine~, kein interesse, melden sie mich ab, melde mich ab, mich abmelden, mich abzumelden, mich austragen, tragen sie mich aus
mich * löschen, löschen sie mich, löschen sie meine, meine daten löschen, streichen sie mich, nehmen sie mich, nehmen sie meine, abbestellen, keine weiteren mails
keine mails mehr, keine e-mails mehr, keine werbung, lassen sie mich in ruhe, hören sie auf, schicken sie mir keine~, war ich nicht, nicht von mir, nein danke
ohne meine zustimmung, ohne meine einwilligung, widerspreche, widerrufe, nicht erwünscht, unerwünscht~, bitte abmelden
no * he pedido, no pedí, no he solicitado, no solicité, no me he suscrito, no me suscribí, nunca me suscribí, no me he apuntado, no me registré, no me he registrado
no querer, no haber solicitado, no haber pedido, no quiero recibir, no solicité, no he hecho, no hice, no estoy de acuerdo, no doy mi consentimiento, no acepto, no deseo recibir
no he autorizado, no quiero, no deseo, no me interesa, no estoy interesad~, darme de baja, dadme de baja, denme de baja, dar de baja, eliminen mi, borren mi
eliminadme, elimínenme, bórrenme, eliminad mi, borrad mi, elimine mi, borre mi, quítenme, quitadme, dejen de, dejad de, no me escriban, no me envíen, no fui yo, no he sido yo, nunca pedí, sin mi consentimiento
non volere, non voler, non desiderare, non aver * richiesto, non aver * chiesto, non essermi, non ho chiesto, non ho mai chiesto, non ho richiesto, non ho mai richiesto, non mi sono iscritt~, non mi sono mai iscritt~, non voglio, non desidero, non mi interessa
non sono interessat~, cancellatemi, cancellami, rimuovetemi, rimuovimi, toglietemi, togliermi, cancellarmi, disiscrivetemi, smettete di, smettetela, non scrivetemi
non sono stat~ io, eliminate il mio, cancellate il mio, senza il mio consenso
niet * aangemeld, nooit * aangemeld, niet * gevraagd, nooit * gevraagd, niets aangevraagd, niet aangevraagd, niets besteld, niet besteld, niet ingeschreven, nooit ingeschreven
niet te willen, geen * wil, geen * wens, geen * ontvangen, niet wil, niet wens, niet * ontvangen, niet akkoord, niets * ontvangen, heb * niet gedaan, niet door mij
wil dit niet, wil * niet ontvangen, wil geen, wens geen, geen interesse, geen belangstelling, niet geïnteresseerd, schrijf mij uit, schrijf me uit, mij uitschrijven
me uitschrijven, uit te schrijven, graag uitschrijven, verwijder mij, verwijder me, verwijder mijn, mij verwijderen, haal mij, haal me, meld mij af, mij afmelden, afmelden
stop met, laat me met rust, stuur me geen, stuur mij geen, niet van mij, zonder mijn toestemming
en ole tilannut, en tilannut, en ole pyytänyt, en pyytänyt, en halua, en ole rekisteröitynyt, en ole ilmoittautunut, en ole antanut, en ole kiinnostunut, poista osoitteeni, poistakaa, poista minut, poista tietoni
peruuttakaa, peruuta tilau~, lopettakaa, älkää lähettä~, älä lähetä, en minä, ei kiitos, ei kiinnosta, väärä osoite, väärä henkilö
neobjednal~, nepřihlásil~, nepřihlašoval~, nežádal~, nechci, nemám zájem, nepřeji si, nepřejeme si, odhlaste, odhlásit, odhlásit se, smažte, vymažte, vyřaďte, odstraňte, zrušte, přestaňte, neposílejte, nepište, ne děkuji, to jsem nebyl~, bez mého souhlasu
nem kértem, nem rendelt~, nem iratkoztam, nem regisztrált~, nem kérem, nem kérek, nem akarok, nem akarom, nem szeretnék, nem adtam, nem érdekel, nem jelentkeztem, töröljék, törölje, töröljön, töröljenek, törölni, iratkozzanak, leiratkoz~, ne küldjenek, ne küldjön
ne írjanak, hagyjanak békén, nem én voltam, nem köszönöm, beleegyezésem nélkül, hozzájárulásom nélkül
δεν ζήτησα, δεν έχω ζητήσει, δεν το ζήτησα, δεν εγγράφηκα, δεν έχω εγγραφεί, δεν γράφτηκα, δεν έχω γραφτεί, δεν παρήγγειλα, δεν έχω παραγγείλει, δεν θέλω, δεν επιθυμώ, δεν ενδιαφέρομαι, δεν με ενδιαφέρει
διαγράψτε, διαγράψετε, διαγραφεί, αφαιρέστε, να με διαγράψετε, σταματήστε, απεγγραφή, μη μου στέλνετε, μην μου στέλνετε, μη στέλνετε, όχι ευχαριστώ, δεν ήμουν εγώ, χωρίς τη συγκατάθεσή μου
istemiyorum, istemiyoruz, kaydolmadım, kayıt olmadım, abone olmadım, üye olmadım, talep etmedim, sipariş etmedim, sipariş vermedim, talebim yok, adresimi sil~, adresimi çıkar~, beni sil~, beni çıkar~, beni * listeden, listeden çıkar~, listenizden çıkar~
aboneliğimi iptal, aboneliği iptal, kaydımı sil~, abonelikten çık~, abonelikten ayrıl~, göndermeyin, göndermeyiniz, yazmayın, ben değildim, ben değilim, ilgilenmiyorum, onayım olmadan, iznim olmadan
nie zamawiał~, nie zapisywał~, nie prosił~, nie zapisał~, nie subskrybował~, nie rejestrował~, nigdy nie, nie chcę, nie życzę sobie, nie wyrażam zgody, nie jestem zainteresowan~
proszę o usunięcie, usunięcie mojego, usuńcie mnie, usuńcie mój, usuń mnie, proszę mnie usunąć, proszę usunąć, proszę mnie wypisać, proszę wypisać, wypiszcie mnie, wypisz mnie
proszę nie pisać, proszę nie wysyłać, nie wysyłajcie, przestańcie, to nie ja, bez mojej zgody, rezygnuję, nie dziękuję
não querer, não ter pedido, não ter solicitado, não pedi, não solicitei, nunca pedi, nunca solicitei, não me inscrevi, nunca me inscrevi, não subscrevi, nunca subscrevi, não me registei, não me cadastrei, não quero, não desejo
não pretendo, não tenho interesse, não estou interessad~, remova o meu, remova meu, remova-me, remover o meu, remover meu, removam o meu, removam-me, retirem-me, retire-me, retirem o meu
apaguem os meus, apague os meus, eliminem o meu, eliminar o meu, parem de, pare de, não me enviem, não me escrevam, não fui eu, sem o meu consentimento, sem autorização
nu am cerut, nu am solicitat, n-am cerut, nu m-am abonat, nu m-am înscris, nu am comandat, nu vreau, nu doresc, nu mă interesează, nu sunt interesat~, dezabonați-mă, dezabonează-mă
ștergeți-mă, ștergeți adresa, scoateți-mă, eliminați-mă, opriți, nu-mi mai, nu îmi mai trimiteți, nu am fost eu, fără acordul meu, nu mulțumesc
inte bett, inte beställt, inte anmält, aldrig anmält, aldrig bett, aldrig beställt, inte registrerat, har inte * prenumer~, vill inte, vill ej, ta bort mig, ta bort min, avregistrera mig
inte vill, inte önskar, önskar inte, inte har bett, inte har beställt, inte har anmält, inte ha, vill inte ha
avprenumerera mig, avanmäl mig, sluta skicka, sluta mejla, sluta maila, skicka inte, inte intresserad, det var inte jag, inte jag, nej tack
ikke bedt, aldrig bedt, ikke tilmeldt, aldrig tilmeldt, ikke bestilt, aldrig bestilt, ikke registreret, vil ikke, ønsker ikke, ikke interesseret, afmeld mig, frameld mig, fjern mig, fjern min
ikke ønsker, ikke vil, ikke har bedt, ikke har bestilt, ikke har tilmeldt, ikke har meldt, ingen nyhedsbrev~, ikke har * tilmeldt
slet mig, slet min, stop med, lad mig være, det var ikke mig, ikke mig, nej tak, aldri bedt, ikke meldt, aldri meldt, ikke påmeldt, aldri påmeldt, ikke registrert
ikke interessert, meld meg av, avmeld meg, fjern meg, slett meg, slett min, slutt å, ikke send, la meg være, det var ikke meg, nei takk, aldri bestilt
не замовля~, не підпису~, не просив, не просила, не реєстру~, не хочу, не бажаю, не цікавить, не давав, не давала, відпишіть мене, видаліть мене, видаліть мою, приберіть мене
припиніть, не пишіть, не надсилайте, це не я, без моєї згоди, ні дякую
не заказыва~, не подписыва~, не просил, не просила, не регистрир~, не хочу, не желаю, не интересует, не давал, не давала, отпишите меня, удалите меня, удалите мой, уберите меня
прекратите, не пишите, не присылайте, это не я, без моего согласия, нет спасибо
لم أقم, لم أسجل, لم أشترك, لا أرغب, لا أوافق, حذف عنواني, حذف بريدي, احذف عنواني, احذفوا عنواني, احذفوا بريدي, أزل بريدي, أزل عنواني, إزالة عنواني, إزالة بريدي, إزالتي, ألغ اشتراكي, ألغوا اشتراكي, إلغاء اشتراكي, إلغاء تسجيلي
أوقفوا, لا ترسل, لا تراسلوني, دون موافقتي, بدون موافقتي, لست أنا, ليس أنا
لم أطلب, لم اطلب, لا أريد, لا اريد, لم أشترك, لم اشترك, لم أسجل, إلغاء الاشتراك, الغاء الاشتراك, احذفوني, احذف بريدي, أزيلوا, توقفوا عن, لا ترسلوا, لست مهتم~
نہیں چاہیے, نہیں چاہتا, نہیں چاہتی, نہیں مانگا, درخواست نہیں, رجسٹر نہیں, سبسکرائب نہیں, ان سبسکرائب, بند کریں, بند کر دیں, نکال دیں, ہٹا دیں
ਨਹੀਂ ਚਾਹੀਦਾ, ਨਹੀਂ ਮੰਗਿਆ, ਨਹੀਂ ਚਾਹੁੰਦਾ, ਨਹੀਂ ਚਾਹੁੰਦੀ, ਬੰਦ ਕਰੋ, ਹਟਾ ਦਿਓ
""")

OBJECTION_WITHIN: Final = re.compile(
    "|".join(
        rf"(?<!不要)(?<![不别別]){fold(one)}(?!しない|{fold('しないで')}|せず)"
        for one in listed("""
退订, 取消订阅, 取消訂閱, 退訂, 没有订阅, 没订阅, 沒有訂閱, 沒訂閱, 未订阅, 未訂閱, 没有申请, 没申请, 沒有申請, 没有注册, 没注册, 沒有註冊, 从未订阅, 從未訂閱, 不想收到, 不想再收到, 不想接收, 不想订阅, 不想訂閱, 不要再发, 不要再發, 别再发, 別再發
不要发, 不要發, 请勿再发, 請勿再, 请勿发, 不感兴趣, 不感興趣, 没兴趣, 沒興趣, 不是我订, 不是我訂, 不是我申请, 不是我申請, 不是我本人, 删除我的, 刪除我的, 移除我的, 把我移除, 将我移除, 將我移除, 把我从, 将我从, 將我從, 停止发送, 停止發送, 我不需要, 我不要, 我拒绝, 我拒絕
配信停止, 配信を停止, 配信の停止, 購読停止, 購読解除, 購読を解除, 購読を停止, 登録解除, 登録を解除, 登録の解除, 登録を削除, 退会, 解約, 心当たりがない, 心当たりがありません, 心当たりはない, 心当たりはありません, 心当たりのない, 身に覚えがない, 身に覚えがありません, 身に覚えのない
登録した覚え, 申し込んだ覚え, 申し込んでいません, 申し込んでいない, 申込んでいません, 登録していません, 登録していない, 登録しておりません, 依頼していません, 頼んでいません, 注文していません, 送らないで, 送信しないで, 送付しないで, 受け取りたくない, 受け取りたくありません, 希望しません
希望していません, 不要です, いりません, 削除してください, 削除をお願い, 削除して下さい, 解除してください, 解除して下さい, 停止してください, 停止して下さい, やめてください, 止めてください, 取り消してください, キャンセルしてください
""")
    )
)
"""Objections in languages that are written without spaces, wherever in a word they stand."""

MISSPELT: Final = re.compile(
    rf"(?<!\S)(?:{any_phrase('un-subscribe, unsubcribe, unsuscribe, unsubsribe, unsubscibe, unsubscrib, unsubscripe, unsubsrcibe, unsusbcribe, unsubscride, unsubscribr')}"
    rf"|{any_phrase('unsubsribed, unsubcsribe, unscribe, unsuscrib, unsubcrib, unsubsciribe, unsubscribeme, unsubscrive, unsubscrube, usubscribe, unsubscrible, unsubs, unsub')}"
    rf"|{any_phrase('desubscribe, dissubscribe, dis-subscribe, unsubsbribe, unsbscribe, unsubcribed, unsuscribed, un-subscribed')})(?!\S)"
)
"""Spellings of "unsubscribe"."""

NEGATED: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('do not, dont, never, not, please dont, without, peidiwch â, ne, nicht, kein, keine, no, non, niet, geen, nie, não')}"
    rf"|{any_phrase('nao, nu, inte, ikke, ej, не, لا, did not, didnt')})(?: \S+)?$"
)
"""What stands before an imperative that is meant the other way: "please do not remove me"."""

IMPERATIVES: Final = re.compile(
    rf"(?:{any_phrase('remove~, unsubscribe~, delete~, take~, opt~, stop~, cancel~, retir~, supprim~, enlev~, désabonn~, désinscri~')}"
    rf"|{any_phrase('lösch~, streich~, melde~, abmeld~, austrag~, cancella~, rimuov~, toglie~, elimin~, borr~, verwijder~, schrijf, meld, usuń~, wypisz~')}"
    rf"|{any_phrase('remov~, ștergeți~, scoateți~, dezabon~, ta bort~, avregistrera~, fjern~, slet~, slett~, afmeld~, видаліть~, удалите~, отпишите~')})"
)
"""The objections that are orders; another objection holds its own negation."""

CONDITION: Final = re.compile(
    rf"(?:{any_phrase('if, to unsubscribe, to stop, to opt out, click, in order to, should you, when, whenever, wenn, falls, um sich, si vous, pour vous')}"
    rf"|{any_phrase('pour ne plus, si no, si desea, para darse, para cancelar, se non, se desideri, als u, als je, jeśli, aby, se não, se pretende, dacă')}"
    rf"|{any_phrase('jos, mikäli, pokud, jestliže, ha, amennyiben, αν, εάν, eğer, om du, för att, hvis, for at, якщо, щоб, если, чтобы, إذا, my colleague, a colleague, how, my husband, my wife')}) "
)
"""How sentences begin that speak of leaving without asking for it."""

REQUEST: Final = re.compile(
    rf"(?:{any_phrase('can, could, would, will, may, pouvez, pourriez, pourrais, können, koennen, könnten, kannst, puede, pueden, podría, podrían')}"
    rf"|{any_phrase('potete, può, potreste, kunt, kan, kun, czy, mogą, może, podem, pode, poderiam, puteți, kan, kunne, можете, чи, هل')})(?: |$)"
)
"""How questions begin that ask us to do something: "Can you take my address off?"."""

# -- absence -------------------------------------------------------------------------------------------

ABSENCE: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('out of office, out of the office, away from, away until, am away, on leave, annual leave, on holiday, on vacation, maternity leave, parental leave, not in the office, not at work')}"
    rf"|{any_phrase('limited access, no access to, will return, i return, be back, back on, back in the office, in my absence, during my absence, as soon as i, on my return, when i return, when i am back')}"
    rf"|{any_phrase('automatic reply, automated response, automated reply, automatic response, auto-reply, has been received, have received your, allan o’r swyddfa, ar wyliau, ar fy ngwyliau, i ffwrdd')}"
    rf"|{any_phrase('nicht im büro, nicht im hause, abwesen~, nicht erreichbar, im urlaub, außer haus, absen~, en congé~, en vacances, de retour, fuera de la oficina, de vacaciones, ausen~')}"
    rf"|{any_phrase('fuori ufficio, fuori sede, in ferie, assen~, afwezig~, niet aanwezig, op vakantie, met verlof, nieobecn~, na urlopie, poza biurem, fora do escritório, de férias, ausên~')}"
    rf"|{any_phrase('în concediu, plecat~, absent~, semester, inte på kontoret, frånvar~, ledig, tillbaka, på ferie, ikke på kontoret, fravær~, tilbage, tilbake, poissa, lomalla, palaan, en ole paikalla')}"
    rf"|{any_phrase('mimo kancelář, dovolen~, nepřítom~, szabadság~, nem vagyok az iroda~, távol~, εκτός γραφείου, σε άδεια, απουσ~, ofis dışında, izindeyim, izinli~, yıllık izin~')}"
    rf"|{any_phrase('у відпустці, відсутн~, в отпуске, отсутств~, خارج المكتب, في إجازة, دفتر سے باہر, چھٹی پر, ਛੁੱਟੀ')})(?: |$)"
    rf"|{'|'.join(map(fold, listed('不在, 休暇, 休業, 休假, 外出, 不在办公室, 不在辦公室, 度假')))}"
)
"""What notices of absence say."""

OUR_BUSINESS: Final = re.compile(
    rf"(?:^| )(?:{any_phrase('confirm~, subscri~, unsubscri~, sign up, signed up, newsletter, mailing list, your list, bestätig~, abonn~, anmeld~, abmeld~, inscri~, inscription, désinscri~, suscri~, iscri~')}"
    rf"|{any_phrase('disiscri~, conferm~, aanmeld~, uitschrij~, nieuwsbrief, bevestig~, potwierdz~, subskry~, wypis~, subscrev~, prenumer~, nyhetsbrev, nyhedsbrev, tilmeld~, bekræft~, bekrefte~, vahvist~')}"
    rf"|{any_phrase('tilauk~, potvrz~, odběr~, megerősít~, feliratkoz~, επιβεβαι~, εγγραφ~, onay~, abone~, підпис~, підтвердж~, подпис~, подтвержд~, اشتراك~, تأكيد, تصدیق, ਪੁਸ਼ਟੀ, cadarnha~, tanysgri~')})(?: |$)"
    rf"|{'|'.join(map(fold, listed('订阅, 訂閱, 确认, 確認, 配信, 登録')))}"
)
"""What a notice of absence does not say unless its writer answers us."""

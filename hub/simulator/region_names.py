"""Names of people in a region, by where their families come from. The lists are in order: the first names are the most
common ones."""

from typing import NamedTuple


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Origin(NamedTuple):
    """Names of one language; ``doubles`` have two family names, ``keeps`` is whether wives keep theirs. ``alike`` are
    pairs that parents give to twins."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    alike: tuple[tuple[str, str], ...] = ()
    doubles: bool = False
    keeps: bool = False


ENGLISH = Origin(
    _words(
        """Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Margaret Ashley Emily Donna Michelle
        Katherine Kimberly Deborah Sharon Cynthia Kathleen Rebecca Laura Amy Angela Emma Nicole Rachel Grace Olivia
        Hannah Megan Catherine Samantha Chloe Madison Victoria Alice Jacqueline Gloria Judith Abigail Ruby Hazel Zoe"""
    ),
    _words(
        """James Robert John Michael David William Richard Joseph Thomas Christopher Daniel Matthew Anthony Mark Steven
        Andrew Paul Joshua Kenneth Kevin Brian Timothy Ronald Edward Jason Jeffrey Ryan Jacob Nicholas Gary Eric Samuel
        Benjamin Gregory Frank Patrick Raymond Jack Dennis Tyler Aaron Nathan Douglas Peter Zachary Kyle Noah Ethan"""
    ),
    _words(
        """Smith Johnson Williams Brown Jones Davis Miller Wilson Anderson Taylor Thomas Moore Jackson Martin Thompson
        White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall
        Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Edwards Collins Stewart Morris Murphy Cook Rogers
        Morgan Cooper Peterson Bailey Reed Kelly Howard Ward Watson Brooks Bennett Gray James Hughes Price Myers Long
        Foster Sanders Ross Sullivan Powell Russell Fisher Henderson Coleman Simmons Patterson Jordan Wallace West Cole
        Hayes Ellis Gibson Marshall Owens McDonald O'Connor O'Neill Fitzgerald MacLeod Whitfield Thackeray Ashworth"""
    ),
    (("Jaden", "Jayden"), ("Emma", "Ella"), ("Ethan", "Evan"), ("Madison", "Morgan"), ("Taylor", "Tyler")),
)
SPANISH = Origin(
    _words(
        """María Guadalupe Ana Rosa Sofía Isabella Carmen Juana Elena Teresa Valentina Camila Lucía Gabriela Daniela
        Alejandra Verónica Patricia Leticia Silvia Martha Adriana Mariana Ximena"""
    ),
    _words(
        """José Juan Luis Carlos Jesús Miguel Francisco Antonio Alejandro Manuel Pedro Jorge Ángel Rafael Fernando
        Ricardo Eduardo Raúl Sergio Diego Andrés Héctor Óscar Mario"""
    ),
    _words(
        """García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Gómez Díaz
        Reyes Cruz Morales Ortiz Gutiérrez Chávez Ramos Ruiz Mendoza Vásquez Castillo Jiménez Moreno Romero Herrera
        Medina Aguilar Vargas Guzmán Núñez Peña"""
    ),
    (("Mariana", "Marina"), ("Ana", "Anna"), ("Andrés", "Andrea"), ("Juan", "Juana")),
    doubles=True,
    keeps=True,
)
VIETNAMESE = Origin(
    _words("Linh Huong Lan Mai Thu Hoa Ngoc Phuong Trang Thao Anh Hanh Nga Yen Kim Tuyet"),
    _words("Minh Tuan Hung Duc Long Nam Hai Quang Son Dung Thanh Khanh Phuc Binh Tri Vinh"),
    _words("Nguyen Nguyen Nguyen Tran Tran Le Pham Huynh Hoang Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly"),
    (("Thanh", "Thao"), ("Linh", "Lan"), ("Hung", "Hai")),
    keeps=True,
)
CHINESE = Origin(
    _words("Wei Xiu Fang Min Jing Li Yan Mei Ying Hui Xia Lan Ping Juan Na Qing Xiaoling Yifei"),
    _words("Wei Jian Jun Ming Qiang Lei Yong Bin Hao Peng Chao Tao Feng Zhiwei Guang Bo Xiaoming"),
    _words("Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Lin Guo He Gao Luo"),
    (("Jing", "Ying"), ("Jian", "Jun")),
    keeps=True,
)
ARABIC = Origin(
    _words("Fatima Aisha Maryam Khadija Layla Noor Zainab Amina Huda Rania Salma Yasmin Hanan Samira"),
    _words("Mohammed Ahmed Ali Omar Hassan Ibrahim Yusuf Khalid Abdullah Mahmoud Karim Tariq Samir Bilal"),
    _words("Hassan Ali Hussein Ahmed Ibrahim Khalil Mansour Haddad Nasser Saleh Al-Masri El-Sayed Khoury Aziz Farouk"),
    (("Hassan", "Hussein"), ("Amina", "Amira")),
)
INDIAN = Origin(
    _words("Priya Anjali Sunita Lakshmi Kavita Pooja Deepa Meera Neha Asha Rekha Divya Shreya Ananya Sangeeta"),
    _words("Raj Amit Sanjay Vijay Rahul Suresh Anil Ravi Arjun Vikram Sunil Deepak Manish Krishna Harpreet"),
    _words("Patel Singh Kumar Sharma Shah Gupta Reddy Rao Desai Mehta Joshi Iyer Nair Kaur Chatterjee Banerjee"),
    (("Asha", "Usha"), ("Anil", "Sunil")),
)
POLISH = Origin(
    _words("Anna Katarzyna Małgorzata Agnieszka Ewa Krystyna Elżbieta Zofia Joanna Magdalena Barbara Irena"),
    _words("Jan Andrzej Piotr Krzysztof Stanisław Tomasz Paweł Józef Marcin Michał Wojciech Łukasz"),
    _words("Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski"),
    (("Ewa", "Eva"),),
)
GERMAN = Origin(
    _words("Anna Ursula Helga Monika Petra Sabine Jürgen Käthe Greta Heidi Ingrid Brigitte"),
    _words("Hans Peter Wolfgang Klaus Jürgen Günther Dieter Karl Heinz Stefan Uwe Björn"),
    _words("Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schäfer Koch Bauer Richter Groß Köhler Böhm"),
    (("Karl", "Carl"),),
)
